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
    const isSigned = signed === '1' ? 1 : 0
    const type = `${before}${brackets}`
    fields.push(tracepointField(type, name, Number(offset), Number(size), isSigned))
  }
  return fields
}

/** A field from what its line says. @param type see {@link TracepointField.type} */
export function tracepointField(
  type: string,
  name: string,
  offset: number,
  size: number,
  signed: 0 | 1,
): TracepointField {
  const bracket = type.indexOf('[')
  const [before, brackets] =
    bracket < 0 ? [type, ''] : [type.slice(0, bracket), type.slice(bracket)]
  const dataLoc = /^__(data|rel)_loc\b/.test(before)
  const isArray = brackets !== '' && !dataLoc
  const length = isArray ? elements(before, brackets, size) : 1
  return {
    name,
    type,
    kind: dataLoc ? 'data_loc' : isArray ? 'array' : before.endsWith('*') ? 'pointer' : 'scalar',
    offset,
    size,
    signed: signed === 1,
    length,
    elementSize: size / length,
  }
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
