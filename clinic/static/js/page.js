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

// A page that came back with errors starts at the list of them, or at the first field that has one where there is no
// list, unless something has to stop now: that comes first. A place the address names stays the place.
const faults = document.querySelector(".error-summary") ?? (location.hash ? null : document.querySelector("[aria-invalid='true']"));
if (faults) (document.querySelector(".safety") ?? faults).focus();
