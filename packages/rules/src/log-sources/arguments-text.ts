/**
 * Splits the arguments of an event into words: events join them by blanks, and quote those with
 * blanks. A quotation mark inside of a word is one.
 */
export function splitArguments(text: string): string[] {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === ' ') {
      at++
      continue
    }
    const quoted = text[at] === '"' ? /"((?:[^"\\]|\\.)*)"(?= |$)/sy : undefined
    if (quoted !== undefined) quoted.lastIndex = at
    const match = quoted?.exec(text)
    if (match) {
      words.push(match[1].replace(/\\(["\\])/g, '$1'))
      at += match[0].length
    } else {
      const end = text.indexOf(' ', at)
      words.push(text.slice(at, end < 0 ? undefined : end))
      at = end < 0 ? text.length : end
    }
  }
  return words
}
