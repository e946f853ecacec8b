// On a narrow screen the rail scrolls sideways: it begins where one is.
const here = document.querySelector(".rail [aria-current]");
const rail = here?.closest("nav");
if (rail) rail.scrollLeft += here.getBoundingClientRect().right - rail.getBoundingClientRect().right;
