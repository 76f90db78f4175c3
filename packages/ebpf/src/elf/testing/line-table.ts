import { words } from './contents.ts'

/** A function of a Go program; the distance is from the start of the code. */
interface GoFunction {
  readonly name: string
  readonly distance: number
}

/** A layout of `.gopclntab`, by the release of Go that began it. */
export type GoLayout = '1.2' | '1.16' | '1.18' | '1.20'

const magic = { '1.2': 0xffff_fffb, '1.16': 0xffff_fffa, '1.18': 0xffff_fff0, '1.20': 0xffff_fff1 }

/**
 * The contents of `.gopclntab`.
 *
 * @param textStart start of the code
 * @param storedStart what the header says of it
 */
export function lineTable(
  layout: GoLayout,
  functions: readonly GoFunction[],
  bits: 64 | 32,
  textStart: number,
  storedStart = textStart,
): Buffer {
  const isRelative = layout === '1.18' || layout === '1.20'
  const width = isRelative ? 32 : bits
  const base = isRelative ? 0 : textStart
  const names = Buffer.from(`\0${functions.map(({ name }) => name).join('\0')}\0`)
  const nameAt = (name: string): number => names.indexOf(`\0${name}\0`) + 1
  const headWords = layout === '1.2' ? 1 : layout === '1.16' ? 7 : 8
  const headSize = 8 + (headWords * bits) / 8
  const tableSize = ((functions.length * 2 + 1) * width) / 8
  const descriptionSize = width / 8 + 4
  // Before 1.16 all offsets are from the start; then descriptions follow the functions.
  const [namesAt, tableAt] = layout === '1.2' ? [0, headSize] : [headSize, headSize + names.length]
  const descriptionsAt = tableSize + (layout === '1.2' ? headSize : 0)
  const afterDescriptions = headSize + tableSize + functions.length * descriptionSize
  const namesShift = layout === '1.2' ? afterDescriptions : 0
  const head = words(32, magic[layout], bits === 64 ? 0x0801_0000 : 0x0401_0000)
  const count = functions.length
  const rest = {
    '1.2': [count],
    '1.16': [count, 0, namesAt, 0, 0, 0, tableAt],
    '1.18': [count, 0, storedStart, namesAt, 0, 0, 0, tableAt],
    '1.20': [count, 0, storedStart, namesAt, 0, 0, 0, tableAt],
  }[layout]
  const pairs = functions.flatMap(({ distance }, index) => [
    base + distance,
    descriptionsAt + index * descriptionSize,
  ])
  const end = base + (functions.at(-1)?.distance ?? 0) + 32
  const descriptions = functions.map(({ name, distance }) =>
    Buffer.concat([words(width, base + distance), words(32, namesShift + nameAt(name))]),
  )
  const table = [words(width, ...pairs, end), ...descriptions]
  const parts = layout === '1.2' ? [...table, names] : [names, ...table]
  return Buffer.concat([head, words(bits, ...rest), ...parts, Buffer.alloc(64)])
}
