// Many visits that wait on a tablet go twenty at a time: over a slow network one answer is waited for, not twenty. What a
// lot leaves behind is tried one by one, so whatever goes wrong with one visit holds up no other.
import { post, settle } from "./outbox.js";
import { all, get } from "./store.js";

const FEW = 5; // as many or fewer go one by one
const MOST = 20, LARGEST = 900_000; // visits and characters in one request; the server takes a mebibyte

/** Deliver what waits under the tablet's own token, lot by lot, as long as the server keeps each whole lot. */
export async function deliverLots() {
  const token = (await get("tablet", "enrolment"))?.token;
  const waiting = (await all("outbox")).filter((entry) => entry.token === null && entry.state === "waiting");
  if (!token || waiting.length <= FEW) return;
  for (const lot of lotsOf(waiting)) if (!(await deliverLot(lot, token))) return;
}

async function deliverLot(lot, token) {
  const body = { format: "amanah-deliveries", version: 1, deliveries: lot.map(({ delivery }) => delivery) };
  const answer = await post("/deliveries/several", token, body).catch(() => null);
  const told = await answer?.json().catch(() => ({}));
  if (answer?.status !== 200 || told.deliveries?.length !== lot.length) return false;
  for (const [place, entry] of lot.entries()) await settle(entry, told.deliveries[place].status, told.deliveries[place]);
  return true;
}

function* lotsOf(waiting) {
  let lot = [], length = 0;
  for (const entry of waiting) {
    const more = JSON.stringify(entry.delivery).length;
    if (lot.length === MOST || (lot.length && length + more > LARGEST)) {
      yield lot;
      [lot, length] = [[], 0];
    }
    lot.push(entry);
    length += more;
  }
  if (lot.length) yield lot;
}
