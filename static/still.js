// Before a form is sent this asks whether the desk that made the page is still there. Where it has ended, or was started
// anew, nothing is sent and what was typed stays on the page. Keeps nothing, and sends nothing of the form.
const told = document.querySelector("[data-ended]");
let isAnswered = false;

addEventListener("submit", async (event) => {
  if (isAnswered) return;
  event.preventDefault();
  const is = await isThere();
  told.hidden = is;
  if (!is) return told.focus();
  isAnswered = true;
  event.target.requestSubmit(event.submitter);
  isAnswered = false;
});

async function isThere() {
  try {
    return (await fetch("/still", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
