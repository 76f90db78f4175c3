const quote = '"'
const backslash = 0x5c
/** Characters that differ between a text and its JSON string: escapes, and UTF-8 bytes. */
const encoded = /[\\\x80-\xff]/
const beyondAscii = /[\x80-\xff]/

/** Texts in the JSON of a process's image. */
export type ImageField = 'cwd' | 'binary' | 'arguments'

const starts: Readonly<Record<ImageField, string>> = {
  cwd: ',"cwd":"',
  binary: ',"binary":"',
  arguments: ',"arguments":"',
}

/** A text of a process's image, from its cached JSON; empty if there is none. */
export function imageText(image: string, field: ImageField): string {
  return textOfJson(imageJson(image, field))
}

/**
 * The same text in escaped form, the content of a JSON string.
 * @param image JSON fields as UTF-8 in a latin1 string: `,"cwd":"…","binary":"…"`
 */
export function imageJson(image: string, field: ImageField): string {
  const start = starts[field]
  // Inside a text each quote has a backslash: this cannot occur there.
  const at = image.indexOf(start)
  if (at < 0) return ''
  const from = at + start.length
  let end = image.indexOf(quote, from)
  while (isEscaped(image, end)) end = image.indexOf(quote, end + 1)
  return image.slice(from, end)
}

/** Decodes the content of a JSON string, given as UTF-8 in a latin1 string. */
export function textOfJson(inside: string): string {
  if (!encoded.test(inside)) return inside
  const isAscii = !beyondAscii.test(inside)
  const json = isAscii ? inside : Buffer.from(inside, 'latin1').toString('utf8')
  return JSON.parse(`"${json}"`) as string
}

/** The reverse. */
export function jsonOfText(text: string): string {
  return Buffer.from(JSON.stringify(text).slice(1, -1), 'utf8').toString('latin1')
}

/** The first characters of a text, without half of a surrogate pair at the end. */
export function firstCharacters(text: string, max: number): string {
  const isHalf = text.length > max && (text.charCodeAt(max - 1) & 0xfc00) === 0xd800
  return text.slice(0, isHalf ? max - 1 : max)
}

/** Whether an odd number of backslashes precedes it. */
function isEscaped(text: string, at: number): boolean {
  let from = at
  while (from > 0 && text.charCodeAt(from - 1) === backslash) from--
  return (at - from) % 2 === 1
}
