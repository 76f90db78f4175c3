/** A place in a source file, both numbers from 0. */
export interface SourcePlace {
  readonly source: string
  readonly line: number
  readonly column: number
}

interface PlainMap {
  readonly sources: readonly string[]
  readonly mappings: string
}
interface Section {
  /** Where the map's lines and the columns of its first line begin. */
  readonly offset: { readonly line: number; readonly column: number }
  readonly map: PlainMap
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Uint8Array(128)
for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value
const comma = 44
const semicolon = 59

/**
 * A source map (ECMA-426), plain or with sections. Loading a program waits for the positions of its
 * lines, so no more than the sections of these lines is decoded, and without an object for each of
 * thousands of segments as in Node's own class.
 */
export class SourceMapReader {
  readonly #sections: readonly Section[]
  readonly #decoded = new Map<Section, DecodedSection>()

  /** @param text the map's JSON @throws SyntaxError when it is none */
  constructor(text: string) {
    const map = JSON.parse(text) as PlainMap & { readonly sections?: readonly Section[] }
    this.#sections = map.sections ?? [{ offset: { line: 0, column: 0 }, map }]
  }

  /**
   * The source of a place in the generated file: that of the nearest segment before it on its line.
   * @param line from 0
   * @param column from 0
   */
  find(line: number, column: number): SourcePlace | undefined {
    const section = this.#sections.findLast(
      ({ offset }) => offset.line < line || (offset.line === line && offset.column <= column),
    )
    if (!section) return undefined
    let decoded = this.#decoded.get(section)
    if (!decoded) {
      decoded = new DecodedSection(section.map)
      this.#decoded.set(section, decoded)
    }
    const { offset } = section
    return decoded.find(line - offset.line, line === offset.line ? column - offset.column : column)
  }
}

/** Numbers per segment: generated column, source, line, column. */
const stride = 4

class DecodedSection {
  readonly #sources: readonly string[]
  /** Segments in the order of the generated file. */
  readonly #segments: number[] = []
  /** Index of each generated line's first number, and one more for the end. */
  readonly #lines: number[] = [0]

  constructor({ sources, mappings }: PlainMap) {
    this.#sources = sources
    const place = [0, 0, 0, 0]
    let field = 0
    let value = 0
    let shift = 0
    for (let at = 0; at <= mappings.length; at++) {
      const code = at < mappings.length ? mappings.charCodeAt(at) : semicolon
      if (code === comma || code === semicolon) {
        // Shorter segments say that there is no source.
        if (field >= stride) this.#segments.push(place[0], place[1], place[2], place[3])
        field = 0
        if (code === comma) continue
        this.#lines.push(this.#segments.length)
        place[0] = 0
        continue
      }
      const digit = values[code]
      value |= (digit & 31) << shift
      shift += 5
      if ((digit & 32) !== 0) continue
      if (field < stride) place[field] += (value & 1) !== 0 ? -(value >>> 1) : value >>> 1
      field++
      value = 0
      shift = 0
    }
  }

  find(line: number, column: number): SourcePlace | undefined {
    const segments = this.#segments
    const first = this.#lines[line] ?? 0
    let at = (this.#lines[line + 1] ?? 0) - stride
    while (at >= first && segments[at] > column) at -= stride
    if (at < first) return undefined
    return {
      source: this.#sources[segments[at + 1]],
      line: segments[at + 2],
      column: segments[at + 3],
    }
  }
}
