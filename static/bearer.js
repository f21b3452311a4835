// Who stands behind a visit: an enrolled tablet, an invitation, or, where the study lets anyone in, nobody yet.
import { ask } from "./outbox.js";
import { get, put } from "./store.js";

const CAPSULE = /^[\w-]{98}$/; // of an invitation to a later wave (capsule.js)

/**
 * {token, pin, site, earlier, ...} of this visit. `token` is null for a tablet, whose own is taken when it delivers.
 * null where an invitation is needed; "shift" where the interviewer has to begin a shift or compare new keys first.
 */
export async function bearerNow(mayWalkIn) {
  const enrolment = await get("tablet", "enrolment");
  const linked = invitationFromLink();
  if (enrolment) return tabletNow(enrolment);
  if (linked) await put("tablet", linked);
  return linked ?? (await get("tablet", "invitation")) ?? (mayWalkIn ? { token: null } : null);
}

// An enrolled tablet follows its own enrolment, whatever link somebody opens on it.
async function tabletNow(enrolment) {
  const { lock, lockNow, shiftNow } = await import("./shift.js");
  const shift = await shiftNow();
  // Keys that nobody has compared yet: no visit begins before that.
  if (!shift || enrolment.offered) return "shift";
  if (!(await lockNow())) await lock({ mode: "self" });
  const { mode } = await lockNow();
  return { pin: enrolment.pin, keyring: enrolment.keyring, site: shift.site, interviewer: shift.interviewer, mode, token: null, isTablet: true };
}

// The token rides behind the #, which reaches no server, and leaves the address at once.
function invitationFromLink() {
  const [token, pin, site, earlier] = location.hash.slice(1).split(".");
  if (!token || !pin) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { name: "invitation", token, pin, site, earlier: CAPSULE.test(earlier) ? earlier : "" };
}

/** Whether the study says no to this invitation. Without a network nobody says no yet. */
export async function isRefused({ token }) {
  if (!token) return false;
  try {
    return [401, 410].includes((await ask("/admission", token)).status); // not admitted, or over
  } catch {
    return false;
  }
}
