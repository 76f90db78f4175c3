import type { EnumType } from '@tetragon-ts/api'

/** The names of an enumeration of the API by number. */
export function enumNames({ values }: EnumType): (value: number) => string | undefined {
  const names = new Map(Object.entries<number>(values).map(([name, value]) => [value, name]))
  return (value) => names.get(value)
}

/** Names of a kernel enumeration that counts from 0. */
export function countedNames(prefix: string, list: string): (value: number) => string {
  const names = list.trim().split(/\s+/)
  return (value) => `${prefix}${names[value] ?? value}`
}

/** Names of the bits of a 64-bit mask, given by its halves. */
export function bitNames(
  name: (bit: number) => string | undefined,
  high: number,
  low: number,
): string[] {
  const names: string[] = []
  for (let bit = 0; bit < 64; bit++) {
    if ((((bit < 32 ? low : high) >>> (bit & 31)) & 1) === 0) continue
    const known = name(bit)
    if (known !== undefined) names.push(known)
  }
  return names
}
