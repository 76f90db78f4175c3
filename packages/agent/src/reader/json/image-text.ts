const quote = '"'
const backslash = 0x5c
/** What stands in a JSON string otherwise than in the text: escapes, and UTF-8 in bytes. */
const encoded = /[\\\x80-\xff]/
const beyondAscii = /[\x80-\xff]/

/** Texts in the JSON of a process's image. */
export type ImageField = 'cwd' | 'binary' | 'arguments'

const starts: Readonly<Record<ImageField, string>> = {
  cwd: ',"cwd":"',
  binary: ',"binary":"',
  arguments: ',"arguments":"',
}

/** A text of a process's image, from the JSON that is kept of it; empty if it has none. */
export function imageText(image: string, field: ImageField): string {
  return textOfJson(imageJson(image, field))
}

/**
 * The same as it stands there, the inside of a JSON string.
 * @param image JSON fields as UTF-8 in a latin1 string: `,"cwd":"…","binary":"…"`
 */
export function imageJson(image: string, field: ImageField): string {
  const start = starts[field]
  // Inside of a text there is a backslash before each quote: nothing there looks like this.
  const at = image.indexOf(start)
  if (at < 0) return ''
  const from = at + start.length
  let end = image.indexOf(quote, from)
  while (isEscaped(image, end)) end = image.indexOf(quote, end + 1)
  return image.slice(from, end)
}

/** The text that stands inside of a JSON string, given as UTF-8 in a latin1 string. */
export function textOfJson(inside: string): string {
  if (!encoded.test(inside)) return inside
  const isAscii = !beyondAscii.test(inside)
  const json = isAscii ? inside : Buffer.from(inside, 'latin1').toString('utf8')
  return JSON.parse(`"${json}"`) as string
}

/** The other way round. */
export function jsonOfText(text: string): string {
  return Buffer.from(JSON.stringify(text).slice(1, -1), 'utf8').toString('latin1')
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let from = at
  while (from > 0 && text.charCodeAt(from - 1) === backslash) from--
  return (at - from) % 2 === 1
}
