/** Where a pattern is in bytes, ascending, by Horspool's algorithm. */
export function positionsOf(pattern: Uint8Array, bytes: Uint8Array): number[] {
  const found: number[] = []
  const last = pattern.length - 1
  if (last < 0) return found
  // How far the pattern moves if the byte below its end is this one.
  const steps = new Int32Array(256).fill(pattern.length)
  for (let index = 0; index < last; index++) steps[pattern[index]] = last - index
  const end = pattern[last]
  for (let at = last; at < bytes.length; ) {
    const byte = bytes[at]
    if (byte === end) {
      let index = 1
      while (index <= last && bytes[at - index] === pattern[last - index]) index++
      if (index > last) found.push(at - last)
    }
    at += steps[byte]
  }
  return found
}
