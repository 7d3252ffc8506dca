/**
 * Pseudo-random numbers that depend only on a seed and a few indices, so that
 * any point of a sweep can be drawn again without the earlier ones. A seed
 * recorded by an old launch must keep its meaning: never change these functions.
 */

/**
 * The finalizer of MurmurHash3 (A. Appleby, public domain): each input bit changes half of the output bits.
 */
function mix(hash: number): number {
  let h = hash >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hash32(seed: number, words: readonly number[]): number {
  let hash = mix(seed);
  for (const word of words) {
    // Both halves of a word beyond 32 bits count.
    hash = mix(hash ^ mix((word >>> 0) + 0x9e3779b9));
    hash = mix(hash ^ mix(Math.floor(word / 2 ** 32) + 0x7f4a7c15));
  }
  return hash;
}

/** Returns a number from 0 (included) to 1 (excluded), of 53 bits, for these indices. */
export function unit(seed: number, ...indices: readonly number[]): number {
  const high = hash32(seed, [...indices, 1]) >>> 5;
  const low = hash32(seed, [...indices, 2]) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/**
 * Returns a random order of 0 … size-1, as a function from an index to the
 * number there. It needs no memory, whatever the size: a Feistel network
 * over the next power of four, repeated until the number is in the range.
 */
export function permutation(seed: number, size: number): (index: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const half = 2 ** halfBits;
  const rounds = [0, 1, 2, 3, 4, 5];
  const once = (index: number) => {
    let left = Math.floor(index / half);
    let right = index % half;
    for (const round of rounds) [left, right] = [right, (left + (hash32(seed, [round, right]) % half)) % half];
    return left * half + right;
  };
  return (index) => {
    let at = once(index);
    while (at >= size) at = once(at);
    return at;
  };
}
