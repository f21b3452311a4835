// Leave quickly: clear what is on the page, take it out of the history, go to a neutral page. Also Escape twice.
const QUICK = 800; // milliseconds between two presses

function leave(address) {
  document.querySelectorAll("form").forEach((form) => form.reset());
  document.querySelectorAll("input:not([type=radio], [type=checkbox], [type=hidden]), textarea").forEach((box) => { box.value = ""; });
  document.querySelector("main")?.remove();
  location.replace(address);
}

const link = document.querySelector("[data-leave]");
if (link) {
  link.addEventListener("click", (event) => { event.preventDefault(); leave(link.href); });
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - last < QUICK) leave(link.href);
    last = event.timeStamp;
  });
}

// A page that comes back from the history cache shows nothing of an earlier person.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

document.getElementById("summary")?.focus();
