// Triage by keyboard: j and k walk the queue, the other letters press the button that carries data-key.
// The page says the keys in words; nothing works only by key.
const queue = () => [...document.querySelectorAll("[data-queue] > *")];
const isTyping = (element) => element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName);

function walk(by) {
  const rows = queue();
  const at = rows.findIndex((row) => row.hasAttribute("aria-current") || row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  const link = next?.querySelector("a[href]");
  if (!link) return;
  for (const row of rows) row.toggleAttribute("aria-current", row === next);
  link.focus();
  next.scrollIntoView({ block: "nearest" });
  // With htmx on the link the pane fills beside the list; without it the row waits for Enter.
  if (link.hasAttribute("hx-get")) link.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!document.querySelector("[data-queue]")) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    walk(event.key === "j" ? 1 : -1);
    return;
  }
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  if (/^(input|textarea|select)$/i.test(button.tagName)) button.focus();
  else button.click();
  // A key that opens a form goes on to its first field: hands stay on the keyboard.
  const opened = button.closest("details");
  if (opened) requestAnimationFrame(() => opened.open && opened.querySelector("form :is(input:not([type=hidden]), select, textarea)")?.focus());
});

// The row that is open is marked at once. Where the list has given way to the flag, the flag is where one goes on.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "pane") return;
  const pane = document.getElementById("pane");
  const link = document.getElementById(`flag-${document.getElementById("pane-open").value}`);
  for (const row of queue()) row.toggleAttribute("aria-current", row.contains(link));
  if (link && !link.checkVisibility()) pane.focus();
});
