/** Number of letters to insert, delete, replace or swap to make `to` of `from`. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)
      row[j] = Math.min(replaced, last[j] + 1, row[j - 1] + 1)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[to.length]
}

const longestWord = 64

/** The name that a mistyped word most likely meant; undefined when none is near. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const name of names) {
    const distance = editDistance(word.toLowerCase(), name.toLowerCase())
    const starts = word.length > 1 && name.startsWith(word)
    const rank = starts ? Math.min(distance, 1) : distance
    const limit = Math.max(1, Math.floor(Math.max(word.length, name.length) / 3))
    if (rank <= limit && rank < bestDistance) {
      best = name
      bestDistance = rank
    }
  }
  return best
}

/** `; did you mean "X"?` for an error message, or nothing when no name is near. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = nearest(word, names)
  return name === undefined ? '' : `; did you mean "${name}"?`
}
