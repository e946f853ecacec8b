// The player and the quick log work as plain forms; this adds minus and plus, a set counter and a rest timer.

function change(input, by) {
  const value = (Number.parseInt(input.value, 10) || 0) + by;
  const low = input.min === "" ? -Infinity : Number(input.min);
  const high = input.max === "" ? Infinity : Number(input.max);
  input.value = String(Math.min(Math.max(value, low), high));
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// "All as planned": every number that knows its plan takes it.
function fillAsPlanned(form) {
  for (const input of form.querySelectorAll("input[data-planned]")) {
    input.value = input.dataset.planned;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function beep() {
  const Sound = window.AudioContext;
  if (!Sound) return;
  const sound = new Sound();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  volume.gain.value = 0.15;
  tone.frequency.value = 660;
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.25);
  tone.onended = () => sound.close();
}

// One running timer a page. It counts from the clock, so a phone that slept does not lose time.
let ticking = null;

function startTimer(timer) {
  clearInterval(ticking);
  const face = timer.querySelector("[data-timer-face]");
  const news = timer.querySelector("[data-timer-news]");
  const end = Date.now() + Number(timer.dataset.timer) * 1000;
  face.classList.add("timer-running");
  const draw = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    face.textContent = minutes(left);
    if (left > 0) return;
    clearInterval(ticking);
    face.classList.remove("timer-running");
    if (news) news.textContent = timer.dataset.timerDone ?? "";
    if (timer.dataset.quiet === undefined) {
      beep();
      navigator.vibrate?.([200, 100, 200]);
    }
  };
  if (news) news.textContent = "";
  draw();
  ticking = setInterval(draw, 250);
}

// The counter shows "set 2 of 3": each tap marks one done, fills its number as planned and starts the rest.
function countSet(player) {
  const shown = player.querySelector("[data-set-now]");
  const total = Number(player.dataset.sets);
  const done = Number(player.dataset.done ?? 0) + 1;
  if (done > total) return;
  player.dataset.done = String(done);
  for (const input of player.querySelectorAll(`input[data-set="${done}"]`)) {
    if (input.value === "") input.value = input.dataset.planned ?? "";
  }
  if (shown) shown.textContent = String(Math.min(done + 1, total));
  const finished = done === total;
  // Not "disabled": a button that is would lose the focus, and the keyboard its place.
  player.querySelector("[data-set-done]")?.setAttribute("aria-disabled", String(finished));
  const rest = player.querySelector("[data-timer]");
  if (!finished && rest) startTimer(rest);
}

// The form's id goes into the address: who comes back to a form that is saved is shown the result, not a second form.
const formId = document.querySelector('.portal input[name="client_id"]');
if (formId) {
  const address = new URL(location.href);
  address.searchParams.set("id", formId.value);
  history.replaceState(history.state, "", address);
}

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) change(step.closest(".stepper").querySelector("input"), Number(step.dataset.step));
  const planned = event.target.closest("[data-as-planned]");
  if (planned) fillAsPlanned(planned.form ?? planned.closest("form"));
  const start = event.target.closest("[data-timer-start]");
  if (start) startTimer(start.closest("[data-timer]"));
  const counted = event.target.closest("[data-set-done]");
  if (counted) countSet(counted.closest("[data-player]"));
});
