// Listening to the study's recordings: one button beside each text that has one. Nothing plays by itself, nothing is
// remembered, and whatever takes the text off the screen stops the sound. Loaded only where a study has recordings.
import { areKept, bringAll } from "./sounds.js";

const READ = "[data-walk=read], [data-read]"; // the device's own voice, which a recording takes the place of
const panel = document.querySelector("[data-listen]");
const addresses = JSON.parse(panel.dataset.listen), { play, stop } = panel.dataset;
const start = panel.querySelector("button"), leaving = new AbortController(), sound = new Audio();
const isShown = (one) => one.offsetParent !== null;
let sounds; // each recording by its address, once they are here
let pressed; // the button of the text that is read out
let left = []; // what comes after what is heard now

panel.hidden = false;
start.addEventListener("click", load);
sound.addEventListener("ended", next);
sound.addEventListener("error", () => pressed && sound.src && silence());
addEventListener("amanah-leave", () => { leaving.abort(); silence(); });
addEventListener("pagehide", silence);
new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden"] });
if (await areKept(addresses)) await load();

async function load() {
  start.disabled = true;
  tell("loading");
  try {
    sounds = await bringAll(addresses, leaving.signal);
  } catch {
    start.disabled = false;
    return tell("failed");
  }
  start.parentElement.hidden = true;
  tell("here");
  [...document.querySelectorAll("[data-recording]:not(.choice)")].forEach(offer);
  return look();
}

function tell(name) {
  for (const line of panel.querySelectorAll("[data-told]")) line.hidden = line.dataset.told !== name;
}

/** A button behind the text, named by what it does and by the text. */
function offer(text, number) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "play", id: `play-${number}`, textContent: play });
  text.id ||= `heard-${number}`;
  button.setAttribute("aria-labelledby", `${button.id} ${text.id}`);
  button.addEventListener("click", () => (pressed === button ? silence() : read(button, text)));
  if (text.matches("li")) text.append(" ", button);
  else text.after(button);
}

/** Read out a text, then the answers that a question offers. */
function read(button, text) {
  silence();
  const answers = text.closest("fieldset")?.querySelectorAll(".choice[data-recording]") ?? [];
  left = [text, ...[...answers].filter(isShown)].map((one) => one.dataset.recording);
  pressed = button;
  panel.hidden = true; // it has said what it had to say
  button.textContent = stop;
  next();
}

function next() {
  URL.revokeObjectURL(sound.src);
  const address = left.shift();
  if (!address) return silence();
  sound.src = URL.createObjectURL(sounds.get(address));
  return sound.play().catch(() => undefined);
}

function silence() {
  if (!pressed) return;
  sound.pause();
  URL.revokeObjectURL(sound.src);
  sound.removeAttribute("src");
  pressed.textContent = play;
  [pressed, left] = [undefined, []];
}

/** What is on the screen has changed: a text that is gone falls silent, and where all can be heard nothing else reads. */
function look() {
  if (pressed && !isShown(pressed)) silence();
  if (!sounds) return;
  const pieces = [...document.querySelectorAll(".note, .question, [data-lines] li")].filter(isShown);
  const isHeard = pieces.every((piece) => piece.matches("[data-recording]") || piece.querySelector("[data-recording]:not(.choice)"));
  for (const button of document.querySelectorAll(READ)) button.classList.toggle("out-spoken", isHeard);
}
