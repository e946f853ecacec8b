// Order a list by drag or by its up and down buttons. The order travels in the form's own fields, so nothing is sent here.

let dragged = null;

function tell(list) {
  const rows = [...list.children];
  const status = list.parentElement.querySelector("[data-reorder-status]");
  const row = list.querySelector("[data-just-moved]");
  if (status && row) status.textContent = `${list.dataset.reorderNews ?? ""} ${rows.indexOf(row) + 1} / ${rows.length}`;
  row?.removeAttribute("data-just-moved");
}

function move(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  row.setAttribute("data-just-moved", "");
  tell(row.parentElement);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reorder] [data-move]");
  if (!button) return;
  move(button.closest("[data-reorder] > *"), Number(button.dataset.move));
  button.focus();
});

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-reorder] > *");
  dragged?.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-reorder] > *");
  if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  if (dragged) {
    dragged.setAttribute("data-just-moved", "");
    tell(dragged.parentElement);
  }
  dragged = null;
});
