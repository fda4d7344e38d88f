const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function mix(seed: number, counter: number, salt: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(counter + 0x7f4a7c15, 0xc2b2ae35) ^ salt;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A letter-and-digit word that depends on nothing but the seed and the counter. */
export function wordAt(seed: number, counter: number, length: number): string {
  const letters = new Array<number>(length);
  for (let place = 0; place < length; place++)
    letters[place] = ALPHABET.charCodeAt(mix(seed, counter, Math.imul(place, 0x01000193)) % 62);
  // Joined at once: a year of 1,000 subscriptions makes a million words, and adding letter to letter took a quarter of it.
  return String.fromCharCode(...letters);
}

/** A number in [0, 1) that depends on nothing but the seed and the counter. */
export function chanceAt(seed: number, counter: number): number {
  return mix(seed, counter, 0x5bd1e995) / 2 ** 32;
}
