// The receipt: copy, print, and let it go. A reload of this page must not send the visit again, nor show the code again.
const kept = document.querySelector("[data-kept]");
const code = document.querySelector("[data-code]").textContent;

history.replaceState(null, "", kept.dataset.next);
document.querySelector("[data-with-script]").hidden = false;

document.querySelector("[data-copy]").addEventListener("click", async (event) => {
  await navigator.clipboard.writeText(code);
  event.target.textContent = event.target.dataset.copied;
});
document.querySelector("[data-print]").addEventListener("click", () => print());
kept.addEventListener("click", () => location.replace(kept.dataset.next));
