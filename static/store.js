// What this browser keeps: sealed visits that wait, an encrypted draft, a tablet's enrolment. Never an answer in the clear.
const NAME = "amanah", VERSION = 1;
const STORES = { outbox: "id", drafts: "group", tablet: "name" }; // store: the name of its key

let opened;
const database = () => (opened ??= new Promise((done, fail) => {
  const asked = indexedDB.open(NAME, VERSION);
  asked.onupgradeneeded = () => {
    for (const [store, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(store, { keyPath });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
}));

// One transaction, and no waiting inside it. "strict": on the disk before it counts as kept.
async function act(store, mode, deed) {
  const db = await database();
  return new Promise((done, fail) => {
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const asked = deed(transaction.objectStore(store));
    transaction.oncomplete = () => done(asked.result);
    transaction.onabort = () => fail(transaction.error);
  });
}

export const get = (store, key) => act(store, "readonly", (kept) => kept.get(key));
export const all = (store) => act(store, "readonly", (kept) => kept.getAll());
export const count = (store) => act(store, "readonly", (kept) => kept.count());
export const put = (store, value) => act(store, "readwrite", (kept) => kept.put(value));
export const remove = (store, key) => act(store, "readwrite", (kept) => kept.delete(key));
export const clear = (store) => act(store, "readwrite", (kept) => kept.clear());
