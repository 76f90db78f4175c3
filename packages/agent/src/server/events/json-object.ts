const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const open = 0x7b
const openList = 0x5b
const close = 0x7d
const closeList = 0x5d

/** Where an object in a line of JSON ends, and where its members begin. */
export interface ObjectExtent {
  /** Offset behind the closing brace. */
  readonly end: number
  /** Offsets of the commas between its members. */
  readonly commas: readonly number[]
}

/**
 * Finds the extent of the object that begins at `start` without parsing it. The line must be valid
 * JSON; undefined if it ends before the object does.
 */
export function objectExtent(line: string, start: number): ObjectExtent | undefined {
  const commas: number[] = []
  let depth = 0
  for (let at = start; at < line.length; at++) {
    switch (line.charCodeAt(at)) {
      case quote:
        at = endOfString(line, at)
        break
      case open:
      case openList:
        depth++
        break
      case close:
      case closeList:
        if (--depth === 0) return { end: at + 1, commas }
        break
      case comma:
        if (depth === 1) commas.push(at)
        break
    }
  }
  return undefined
}

/** Offset of the quote that ends the string that begins at `start`. */
function endOfString(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    if (line.charCodeAt(at) === backslash) at++
    else if (line.charCodeAt(at) === quote) return at
  }
  return line.length
}

/**
 * The same for the last members of an object, if they hold no texts, lists and objects. Undefined if
 * they may.
 */
export function endOfPlainMembers(line: string, start: number): number | undefined {
  let quotes = 0
  for (let at = start; at < line.length; at++) {
    const byte = line.charCodeAt(at)
    if (byte === quote) quotes++
    // Inside of a text a brace means nothing.
    else if (byte === close) return quotes % 2 === 0 ? at + 1 : undefined
    else if (byte === open || byte === openList || byte === backslash) return undefined
  }
  return undefined
}
