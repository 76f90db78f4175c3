const longestWord = 64

/** Number of letters to insert, delete, replace or swap; `limit + 1` if more. */
function distance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= to.length; j++) {
      let cost = Math.min(
        last[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1),
        last[j] + 1,
        row[j - 1] + 1,
      )
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2] + 1)
      }
      row.push(cost)
      if (cost < least) least = cost
    }
    if (least > limit) return limit + 1
    beforeLast = last
    last = row
  }
  return last[to.length]
}

/** The shortest name that contains the word, ignoring case. */
function containing(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined
  for (const name of names) {
    if (best !== undefined && name.length >= best.length) continue
    if (name.toLowerCase().includes(word)) best = name
  }
  return best
}

/** Fewer letters are contained in too many names. */
const shortestPart = 3

/**
 * The most similar name to a mistyped word: at most a third of its letters differ, or it contains
 * the word; case is ignored. Undefined if none is similar. Fast enough for a hundred thousand
 * kernel symbols.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined
  const lower = word.toLowerCase()
  let limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | undefined
  for (const name of names) {
    if (Math.abs(name.length - word.length) > limit) continue
    const steps = distance(lower, name.toLowerCase(), limit)
    if (steps > limit) continue
    best = name
    // From here on only more similar ones count.
    limit = steps - 1
    if (limit < 0) break
  }
  if (best !== undefined || word.length < shortestPart) return best
  return containing(lower, names)
}
