// The button of a staff page that is to be printed. Without script the page says to print it all the same.
const button = document.querySelector("[data-print]");
button.closest("[hidden]").hidden = false;
button.addEventListener("click", () => print());
