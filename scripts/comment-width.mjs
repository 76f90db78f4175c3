// The formatter keeps code within 100 columns but ignores comments: this finds longer ones.

/** Maximum length of a line with a comment, in characters. */
export const maximumWidth = 100

/**
 * The numbers of the lines, from 1, with comments that are too long. A single word without a
 * possible break, such as an address, may be longer.
 * @param text TypeScript, JavaScript or shell
 */
export function longComments(text) {
  const found = []
  let inBlock = false
  text.split('\n').forEach((line, index) => {
    const starts = /^\s*\/\*/.test(line)
    if (starts) inBlock = true
    const comment = inBlock ? /^\s*(?:\/?\*+\/?)?\s*(.*)$/.exec(line)?.[1] : commentOf(line)
    if (inBlock && line.includes('*/')) inBlock = false
    if (comment === undefined || [...line].length <= maximumWidth) return
    if (/\s/.test(comment.trim())) found.push(index + 1)
  })
  return found
}

/** The text of a comment up to the end of its line, alone or after code. */
function commentOf(line) {
  const alone = /^\s*(?:\/\/|# )(.*)$/.exec(line)
  if (alone !== null) return alone[1]
  const after = /^(.*\S) +\/\/ ([^'"`]*)$/.exec(line)
  if (after === null) return undefined
  const quotes = after[1].match(/['"`]/g)?.length ?? 0
  return quotes % 2 === 0 ? `code ${after[2]}` : undefined
}
