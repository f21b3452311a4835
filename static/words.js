// Typing the words of a sheet: four letters are enough, a space goes on to the next box, pasted words spread themselves.
// The browser itself offers the few words that begin as what is typed: with all 1,024 to look through, each key took it a
// tenth of a second and more. Nothing is kept and nothing is sent.
const form = document.querySelector("form[data-words]");
const boxes = [...form.querySelectorAll("input[name=word]")];
const list = [...document.querySelectorAll("#word-list option")].map((option) => option.value);
const offered = document.getElementById("word-list");
const STEM = 4;
const MOST = 6;
offered.replaceChildren();

for (const box of boxes) {
  box.setAttribute("list", offered.id);
  box.addEventListener("input", () => { spread(box); offer(box); });
  box.addEventListener("change", () => settle(box));
  box.addEventListener("keydown", (event) => onward(event, box));
}

function offer(box) {
  const typed = box.value.toLowerCase();
  const found = typed ? list.filter((word) => word.startsWith(typed) && word !== typed).slice(0, MOST) : [];
  offered.replaceChildren(...found.map((word) => new Option(word, word)));
}

// A box holds one word. What is more goes into the boxes after it.
function spread(box) {
  if (!/[\s\d]/.test(box.value)) return;
  const words = box.value.split(/[^\p{L}]+/u).filter(Boolean);
  const at = boxes.indexOf(box);
  box.value = "";
  boxes.slice(at, at + words.length).forEach((one, number) => { one.value = words[number]; settle(one); });
  if (words.length) (boxes[at + words.length] ?? form.querySelector("button.primary")).focus();
}

// Enter goes on instead of sending a sheet that is half typed.
function onward(event, box) {
  if (event.key !== "Enter" || box === boxes.at(-1)) return;
  event.preventDefault();
  settle(box);
  boxes[boxes.indexOf(box) + 1].focus();
}

// The whole word where its beginning is enough; a mark where no word of the list begins so.
function settle(box) {
  const typed = box.value.trim().toLowerCase();
  const found = list.filter((word) => word.startsWith(typed));
  const known = list.find((word) => word === typed)
    ?? (found.length === 1 ? found[0] : list.find((word) => typed.length >= STEM && word.startsWith(typed.slice(0, STEM))));
  if (typed && known) box.value = known;
  mark(box, Boolean(typed) && !known);
}

function mark(box, isWrong) {
  const note = document.getElementById(`${box.id}-note`);
  note.textContent = isWrong ? form.dataset.words : "";
  if (isWrong) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
}
