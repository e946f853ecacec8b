// On a narrow screen the rail and the tabs scroll sideways: each begins where one is.
for (const here of document.querySelectorAll(".rail [aria-current], .tabs [aria-current]")) {
  const bar = here.closest("nav");
  bar.scrollLeft += Math.max(0, here.getBoundingClientRect().right - bar.getBoundingClientRect().right);
}
