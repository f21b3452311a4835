// SHA3-256 (FIPS 202), which WebCrypto does not have everywhere and X-Wing needs. Checked against published vectors.
const RATE = 136, MASK = (1n << 64n) - 1n; // bytes taken in at a time; one lane

// The round constants and rotations, from the specification's own recurrences.
const ROUNDS = [], ROTATIONS = [], LANES = [];
for (let round = 0, x = 1, y = 0, state = 1n; round < 24; round += 1) {
  [x, y] = [y, (2 * x + 3 * y) % 5];
  LANES.push(5 * y + x);
  ROTATIONS.push(BigInt((((round + 1) * (round + 2)) / 2) % 64));
  let constant = 0n;
  for (let bit = 0; bit < 7; bit += 1) {
    if (state & 1n) constant |= 1n << ((1n << BigInt(bit)) - 1n);
    state = (state << 1n) ^ ((state >> 7n) * 0x171n);
  }
  ROUNDS.push(constant);
}

const turn = (lane, by) => ((lane << by) | (lane >> (64n - by))) & MASK;

/** The 32 bytes of SHA3-256 of these bytes. */
export function sha3(bytes) {
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / RATE) * RATE);
  padded.set(bytes);
  padded[bytes.length] ^= 0x06;
  padded[padded.length - 1] ^= 0x80;
  const view = new DataView(padded.buffer), lanes = Array(25).fill(0n);
  for (let at = 0; at < padded.length; at += RATE) {
    for (let lane = 0; lane < RATE / 8; lane += 1) lanes[lane] ^= view.getBigUint64(at + 8 * lane, true);
    permute(lanes);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane += 1) digest.setBigUint64(8 * lane, lanes[lane], true);
  return new Uint8Array(digest.buffer);
}

function permute(lanes) {
  for (const constant of ROUNDS) {
    const columns = [0, 1, 2, 3, 4].map((x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    for (let at = 0; at < 25; at += 1) lanes[at] ^= columns[(at + 4) % 5] ^ turn(columns[(at + 1) % 5], 1n);
    let moved = lanes[1];
    LANES.forEach((lane, step) => ([lanes[lane], moved] = [turn(moved, ROTATIONS[step]), lanes[lane]]));
    for (let row = 0; row < 25; row += 5) {
      const kept = lanes.slice(row, row + 5);
      for (let x = 0; x < 5; x += 1) lanes[row + x] = kept[x] ^ (~kept[(x + 1) % 5] & MASK & kept[(x + 2) % 5]);
    }
    lanes[0] ^= constant;
  }
}
