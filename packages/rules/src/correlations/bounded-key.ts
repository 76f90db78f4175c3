/** Maximum length of a key, in UTF-16 units. */
const longest = 256
/** Unknown to attackers, so that they cannot choose texts with the same key. */
const seeds = Array.from({ length: 4 }, () => Math.floor(Math.random() * 2 ** 32))

/**
 * A key of bounded length for a text, which may be as long as the arguments of a program: the text,
 * or its start with 128 bits of a hash. Different in each process. It needs no Node.js.
 */
export function boundedKey(text: string): string {
  if (text.length <= longest) return text
  const hashes = seeds.map((seed) => hash(text, seed).toString(36))
  return `${text.slice(0, longest / 2)} ${text.length} ${hashes.join(' ')}`
}

/** 32 bits: FNV-1a with a seed, and the mixing of MurmurHash3 at the end. */
function hash(text: string, seed: number): number {
  let state = seed
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
    state ^= state >>> 15
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}
