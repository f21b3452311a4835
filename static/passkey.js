// A passkey of the staff: the browser asks the device, and the page's own form brings the answer to the server.
// A form of this kind is marked data-passkey="make" or "prove"; data-ask is where the challenge comes from.
const forms = [...document.querySelectorAll("form[data-passkey]")];
const DEEDS = { make, prove };

for (const form of forms) {
  form.closest("[data-needs-script]").hidden = false;
  if (!globalThis.PublicKeyCredential) {
    say(form, "unsupported");
    form.querySelector("button").disabled = true;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(form);
  });
}
for (const line of document.querySelectorAll("[data-without-script]")) line.hidden = true;

async function answer(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  say(form, "");
  try {
    const options = await ask(form);
    const credential = options && (await DEEDS[form.dataset.passkey](options));
    if (credential) {
      form.querySelector("[data-answer]").value = JSON.stringify(credential);
      form.submit(); // does not come back here: that is for a button's press only
    }
  } catch (error) {
    // The browser says little of why, so that no page learns which passkeys there are.
    say(form, error.name === "InvalidStateError" ? "known" : "none");
  }
  button.disabled = false;
}

/** The challenge, or nothing after the page has said why there is none. */
async function ask(form) {
  let response;
  try {
    const headers = { Accept: "application/json" };
    response = await fetch(form.dataset.ask, { method: "POST", headers, body: new URLSearchParams(new FormData(form)) });
  } catch {
    return say(form, "unreachable");
  }
  if (response.ok && response.headers.get("Content-Type") === "application/json") return response.json();
  return say(form, "stale");
}

async function make(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  const excludeCredentials = listed(options.excludeCredentials);
  const publicKey = { ...options, challenge: bytes(options.challenge), user, excludeCredentials };
  return written(await navigator.credentials.create({ publicKey }), ["clientDataJSON", "attestationObject"]);
}

async function prove(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
  return written(await navigator.credentials.get({ publicKey }), ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

const listed = (credentials = []) => credentials.map((one) => ({ ...one, id: bytes(one.id) }));

function written(credential, parts) {
  const response = {};
  for (const part of parts) if (credential.response[part]) response[part] = text(credential.response[part]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

function say(form, name) {
  for (const line of form.querySelectorAll("[data-say]")) line.hidden = line.dataset.say !== name;
}

function bytes(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
