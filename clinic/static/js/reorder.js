// Order rows by drag or by their up and down buttons. The order travels in the form's own fields: in the order they
// stand in, or in a row's own "position". Nothing is sent here. A row says its name in data-row.

const ROW = "[data-reorder] > [data-row]";
let dragged = null;

function settle(row) {
  const list = row.parentElement;
  const rows = [...list.querySelectorAll(":scope > [data-row]")];
  const places = rows.map((one) => one.querySelector("input[name$='-position']"));
  places.forEach((place, number) => place && (place.value = number + 1));
  const status = list.parentElement.querySelector("[data-reorder-status]");
  if (status) status.textContent = `${row.dataset.row} ${list.dataset.reorderNews} ${rows.indexOf(row) + 1} / ${rows.length}`;
}

function move(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  settle(row);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reorder] [data-move]");
  if (!button) return;
  move(button.closest(ROW), Number(button.dataset.move));
  button.focus();
});

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[draggable='true']")?.closest(ROW);
  dragged?.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.(ROW);
  if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  if (dragged) settle(dragged);
  dragged = null;
});
