const AF_INET6 = 10

/**
 * Formats an address given as 32-bit words in memory order (network byte order on a little-endian
 * machine): dotted for IPv4, RFC 5952 for IPv6.
 */
export function formatAddress(family: number, a: number, b: number, c: number, d: number): string {
  if (family !== AF_INET6) return dotted(a)
  return format6([a, b, c, d])
}

function dotted(word: number): string {
  return `${word & 255}.${(word >>> 8) & 255}.${(word >>> 16) & 255}.${word >>> 24}`
}

function format6(words: readonly number[]): string {
  const groups = words.flatMap((word) => [
    ((word & 255) << 8) | ((word >>> 8) & 255),
    (((word >>> 16) & 255) << 8) | (word >>> 24),
  ])
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) return `::ffff:${dotted(words[3])}`
  // The longest run of at least two zero groups is compressed; the first of equal ones.
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
    if (length > 0) at += length - 1
  }
  const text = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':')
  if (best.at < 0) return text(groups)
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`
}
