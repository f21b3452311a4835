// The token of a staff member's one-time link stands behind the #, where no server and no log sees it. It goes into the
// page's own form, and out of the address.
const form = document.querySelector("form[data-join]");
const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.submit();
}
