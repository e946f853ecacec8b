// On every page: menus close on Escape or a click outside.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A page that came back with errors starts at the list of them, unless something has to stop now: that comes first.
const faults = document.querySelector(".error-summary");
if (faults) (document.querySelector(".safety") ?? faults).focus();
