// The session, one exercise a screen. Without this module the same form stands on one long page.
// What was typed is kept in this tab until the session is saved: a reload or a lost connection takes nothing.

const form = document.querySelector("[data-screens]");
const screens = [...(form?.querySelectorAll("[data-screen]") ?? [])];
const nav = form?.querySelector("[data-player-nav]");
const ours = (name) => !["csrfmiddlewaretoken", "client_id"].includes(name);
const key = form && `session ${form.dataset.screens} ${form.elements.client_id.value}`;
let at = -1;

function show(number, { focus = true } = {}) {
  at = Math.min(Math.max(number, 0), screens.length - 1);
  screens.forEach((screen, one) => screen.toggleAttribute("hidden", one !== at));
  nav.querySelector("[data-back]").toggleAttribute("hidden", at === 0);
  nav.querySelector("[data-next]").toggleAttribute("hidden", at === screens.length - 1);
  nav.querySelector("[data-at]").textContent = `${at + 1} / ${screens.length}`;
  keep();
  if (!focus) return;
  screens[at].querySelector("h2")?.focus({ preventScroll: true });
  form.scrollIntoView();
}

function showAll() {
  at = -1;
  for (const screen of screens) screen.removeAttribute("hidden");
  form.classList.remove("playing");
  for (const part of document.querySelectorAll("[data-player-nav], [data-all-at-once]")) part.hidden = true;
  keep();
}

function keep() {
  const typed = [...new FormData(form)].filter(([name]) => ours(name));
  sessionStorage.setItem(key, JSON.stringify({ at, typed }));
}

function bringBack({ typed }) {
  for (const field of form.elements) {
    if (!field.name || !ours(field.name)) continue;
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
}

function start() {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const faulty = screens.findIndex((screen) => screen.querySelector("[aria-invalid='true'], .field-error"));
  if (kept && faulty < 0) bringBack(kept);
  form.addEventListener("input", keep);
  if (form.dataset.whole !== undefined || kept?.at === -1) return showAll();
  form.classList.add("playing");
  nav.hidden = false;
  return show(faulty < 0 ? (kept?.at ?? 0) : faulty, { focus: false });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-next]")) show(at + 1);
  if (event.target.closest("[data-back]")) show(at - 1);
  if (event.target.closest("[data-all-at-once]")) showAll();
  const fault = event.target.closest(".error-summary a");
  const screen = screens.findIndex((one) => fault && one.contains(document.getElementById(fault.hash.slice(1))));
  if (at >= 0 && screen >= 0) show(screen, { focus: false });
});

// The key "go" of a phone leads to the next screen. Nothing is sent into the void: the page stays, and says so.
form?.addEventListener("submit", (event) => {
  const more = at >= 0 && at < screens.length - 1;
  if (navigator.onLine && !more) return;
  event.preventDefault();
  if (more) show(at + 1);
  else form.querySelector("[data-offline]").hidden = false;
});
addEventListener("online", () => form?.querySelector("[data-offline]")?.setAttribute("hidden", ""));

if (form) start();
const sent = document.querySelector("[data-sent]");
if (sent) sessionStorage.removeItem(`session ${sent.dataset.sent}`);
