// A visit that was interrupted on this device goes on, if its person or the interviewer wants that.
import { draftOf, forgetDrafts, openDraft } from "./draft.js";
import { template } from "./form.js";
import { privateKeyWith } from "./shift.js";

/** The draft of this group that somebody chose to go on with; null for none. */
export async function draftToGoOnWith(group) {
  const waiting = await draftOf(group).catch(() => "");
  if (!waiting) return null;
  const draft = await chosen(group, waiting === "shift");
  if (!draft) await forgetDrafts();
  return draft;
}

/** Ask. On an enrolled tablet the interviewer's PIN is needed to see what another person typed. */
function chosen(group, needsPin) {
  const main = document.querySelector("main");
  main.append(template("resume"));
  const box = main.querySelector("[data-resume=page]"), part = (name) => box.querySelector(`[data-resume=${name}]`);
  part("pin").hidden = !needsPin;
  box.querySelector("h1").focus();
  return new Promise((done) => {
    const choose = (draft) => { box.remove(); done(draft); };
    part("anew").addEventListener("click", () => choose(null));
    part("go-on").addEventListener("click", async () => {
      const pin = part("pin").querySelector("input");
      try {
        choose(await openDraft(group, needsPin ? await privateKeyWith(pin.value) : undefined));
      } catch {
        pin.value = "";
        part("closed").hidden = false;
      }
    });
  });
}
