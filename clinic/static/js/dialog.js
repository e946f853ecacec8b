// Opens <dialog> from data-dialog-open="id", closes it from data-dialog-close, and closes menus on Escape or a click outside.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  event.target.closest("[data-dialog-close]")?.closest("dialog")?.close();
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
