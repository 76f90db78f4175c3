/** A field of a tracepoint's record, as its `format` file in tracefs describes it. */
export interface TracepointField {
  readonly name: string
  /** As in C, without the name: `const char *`, `unsigned long[6]`, `__data_loc char[]`. */
  readonly type: string
  readonly kind: 'scalar' | 'pointer' | 'array' | 'data_loc'
  /** Bytes from the beginning of the record. */
  readonly offset: number
  /** Bytes; of `data_loc` those of the word that says where the data lies. */
  readonly size: number
  readonly signed: boolean
  /** Of an array the number of its elements, else 1. */
  readonly length: number
  /** Bytes of an element of an array; else those of the field. */
  readonly elementSize: number
}

/** Fields that every record begins with; programs see something else in their place. */
export const commonFields = 4

/** The fields in a `format` file, in order, the common ones first. */
export function parseTracepointFormat(text: string): readonly TracepointField[] {
  const fields: TracepointField[] = []
  const line = /^\tfield:(.*?);\s*offset:(\d+);\s*size:(\d+);\s*signed:(\d+);/gm
  for (const [, declaration, offset, size, signed] of text.matchAll(line)) {
    const parts = /^(.*?)\s*([\w$]+)((?:\[[^\]]*\])*)$/.exec(declaration.trim())
    if (!parts) continue
    const [, before, name, brackets] = parts
    const dataLoc = /^__(data|rel)_loc\b/.test(before)
    const isArray = brackets !== '' && !dataLoc
    const length = isArray ? elements(before, brackets, Number(size)) : 1
    fields.push({
      name,
      type: `${before}${brackets}`,
      kind: dataLoc ? 'data_loc' : isArray ? 'array' : before.endsWith('*') ? 'pointer' : 'scalar',
      offset: Number(offset),
      size: Number(size),
      signed: signed === '1',
      length,
      elementSize: Number(size) / length,
    })
  }
  return fields
}

/** The number may be a constant's name: then it follows from the size of the element type. */
function elements(type: string, brackets: string, size: number): number {
  const written = Number(/^\[(\d+)\]$/.exec(brackets)?.[1])
  if (written > 0) return written
  if (/\b(char|u8|s8|__u8|__s8|uint8_t)\b/.test(type)) return size
  if (/\blong\b|64/.test(type)) return size / 8
  if (/\bshort\b|16/.test(type)) return size / 2
  return size / 4
}
