/** `[FILE]`, but not `[NAMESPACE/]POD`. */
const optional = /^\[.*\]$/
/** `FILE...` or `[FILE...]`. */
const repeated = /^\[?[^[\]]*\.\.\.\]?$/

/**
 * Checks the number of operands (positional arguments).
 * @param usage as in the help: `NAME MODE`, `[FILE]`, `FILE...` or `[FILE...]`
 * @returns what is wrong with them
 */
export function wrongOperands(usage: string, operands: readonly string[]): string | undefined {
  const words = usage === '' ? [] : usage.split(' ')
  const missing = words[operands.length]
  if (missing !== undefined && !optional.test(missing)) {
    const reason = `${missing.replace(/\.\.\.$/, '')} is missing`
    return words.length === 1 ? reason : `${reason}: expected ${usage}`
  }
  const extra = operands[words.length]
  if (extra === undefined || repeated.test(words.at(-1) ?? '')) return undefined
  return `unexpected argument "${extra}"`
}
