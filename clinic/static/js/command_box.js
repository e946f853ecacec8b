// "/" reaches the search from anywhere; arrows walk through what it found; Escape leads back to where one was.
const box = document.querySelector("[data-command]");
const input = box?.querySelector("input[type=search]");

let from = null;

const isTyping = (element) => element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName);

function step(by) {
  const stops = [input, ...box.querySelectorAll("#command-results a")];
  const at = stops.indexOf(document.activeElement);
  stops[Math.min(Math.max(at + by, 0), stops.length - 1)]?.focus();
}

function leave() {
  document.activeElement.blur();
  if (from?.isConnected) from.focus();
  from = null;
}

if (input) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    from = document.activeElement;
    input.focus();
    input.select();
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  });
}
