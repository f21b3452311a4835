// The token of a staff member's one-time link stands behind the #, where no server and no log sees it. It goes into the
// page's own form, and out of the address.
const form = document.querySelector("form[data-join]");
addEventListener("hashchange", take); // the link was pasted while this page was open
take();

function take() {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.submit();
}
