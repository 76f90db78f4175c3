/** A line of a comparison; `…` stands for equal lines. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+' | '…'
  readonly text: string
}

/** Equal lines that are shown before and after a change. */
const contextLines = 3
/** Larger tables would be slow: then everything between the first and the last change differs. */
const tableMax = 4_000_000

/** The lines that differ between two texts, and some equal ones around them; empty if none does. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const lines = compare(before.split('\n'), after.split('\n'))
  const isNear = new Set<number>()
  for (const [i, { sign }] of lines.entries()) {
    if (sign === ' ') continue
    for (let near = i - contextLines; near <= i + contextLines; near++) isNear.add(near)
  }
  if (isNear.size === 0) return []
  return lines.flatMap((line, i): DiffLine[] => {
    if (isNear.has(i)) return [line]
    return i === 0 || isNear.has(i - 1) ? [{ sign: '…', text: '' }] : []
  })
}

/** All lines of both texts, by a longest common subsequence. */
function compare(one: readonly string[], two: readonly string[]): DiffLine[] {
  const shorter = Math.min(one.length, two.length)
  let start = 0
  while (start < shorter && one[start] === two[start]) start++
  let end = 0
  while (end < shorter - start && one.at(-1 - end) === two.at(-1 - end)) end++
  return [
    ...signed(' ', one.slice(0, start)),
    ...compareChanged(one.slice(start, one.length - end), two.slice(start, two.length - end)),
    ...signed(' ', one.slice(one.length - end)),
  ]
}

function compareChanged(one: readonly string[], two: readonly string[]): DiffLine[] {
  const width = two.length + 1
  if (one.length * two.length > tableMax) return [...signed('-', one), ...signed('+', two)]
  // Lengths of the longest common subsequences of what follows two lines.
  const lengths = new Uint32Array((one.length + 1) * width)
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = two.length - 1; j >= 0; j--) {
      const [down, right] = [lengths[(i + 1) * width + j], lengths[i * width + j + 1]]
      const isSame = one[i] === two[j]
      lengths[i * width + j] = isSame ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(down, right)
    }
  }
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < one.length && j < two.length) {
    if (one[i] === two[j]) {
      lines.push({ sign: ' ', text: one[i++] })
      j++
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      lines.push({ sign: '-', text: one[i++] })
    } else {
      lines.push({ sign: '+', text: two[j++] })
    }
  }
  return [...lines, ...signed('-', one.slice(i)), ...signed('+', two.slice(j))]
}

function signed(sign: DiffLine['sign'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ sign, text }))
}
