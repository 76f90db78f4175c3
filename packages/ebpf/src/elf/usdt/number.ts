/** A decimal or hexadecimal integer with a sign; undefined if it is none or exceeds 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  const match = /^([-+]?)(\d{1,20}|0x[0-9a-fA-F]{1,16})$/.exec(text)
  if (match === null) return undefined
  const value = BigInt(match[2])
  if (value >= 1n << 64n) return undefined
  return match[1] === '-' ? -value : value
}

/**
 * A sum of integers and at most one symbol, such as `-8`, `16+4`, `counts+8` or `8+counts`. Empty
 * is 0. Undefined for anything else, and beyond 2^53.
 */
export function parseOffset(
  text: string,
  symbolAddress: (name: string) => number | undefined = () => undefined,
): number | undefined {
  if (text === '') return 0
  // Each sign begins a term: there are no numbers with exponents, such as `1e-3`.
  const terms = /^[-+]?[\w.$]+(?:[-+][\w.$]+)*$/.test(text) ? text.match(/[-+]?[\w.$]+/g) : null
  if (terms === null) return undefined
  let sum = 0
  let symbols = 0
  for (const term of terms) {
    const number = parseInteger(term)
    const name = term.replace(/^\+/, '')
    const value = number === undefined ? symbolAddress(name) : Number(number)
    if (value === undefined || (number === undefined && ++symbols > 1)) return undefined
    sum += value
  }
  return Number.isSafeInteger(sum) ? sum : undefined
}
