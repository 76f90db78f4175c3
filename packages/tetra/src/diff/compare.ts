import type { Normal } from './normal-form.ts'

/** One difference between two policies. */
export interface Difference {
  /** Such as `spec.kprobes[0].args[1].type`. */
  readonly path: string
  /** Undefined if only the other policy has a value. */
  readonly before: Normal | undefined
  readonly after: Normal | undefined
}

type Fields = { readonly [name: string]: Normal }

const isList = (value: Normal | undefined): value is readonly Normal[] => Array.isArray(value)
const isObject = (value: Normal | undefined): value is Fields =>
  typeof value === 'object' && !Array.isArray(value)

/** Fields that identify the items of a list. */
const identities = [
  ['name'],
  ['hook'],
  ['subsystem', 'event'],
  ['path', 'symbols'],
  ['path', 'provider'],
  ['call'],
  ['index', 'operator'],
  ['index'],
  ['action'],
  ['label'],
  ['operator'],
]

function identityOf(item: Normal): string {
  if (!isObject(item)) return JSON.stringify(item)
  const names = identities.find((each) => each.every((name) => item[name] !== undefined))
  return JSON.stringify((names ?? []).map((name) => [name, item[name]]))
}

/**
 * Pairs the items of two lists: equal ones in order, then items between them with the same
 * identity. Order matters in policies, so pairs do not cross.
 */
function pairItems(before: readonly Normal[], after: readonly Normal[]): Pair[] {
  const one = before.map((item) => JSON.stringify(item))
  const two = after.map((item) => JSON.stringify(item))
  const same = commonItems(one, two)
  const pairs: Pair[] = []
  let [from, to] = [0, 0]
  for (const [nextFrom, nextTo] of [...same, [one.length, two.length] as const]) {
    pairs.push(...pairChanged(before, after, [from, nextFrom], [to, nextTo]))
    if (nextFrom < one.length) pairs.push({ from: nextFrom, to: nextTo })
    from = nextFrom + 1
    to = nextTo + 1
  }
  return pairs
}

type Span = readonly [begin: number, end: number]

interface Pair {
  readonly from?: number
  readonly to?: number
}

/** Pairs unequal items: first those with the same identity, then the others. */
function pairChanged(
  before: readonly Normal[],
  after: readonly Normal[],
  [fromStart, fromEnd]: Span,
  [toStart, toEnd]: Span,
): Pair[] {
  const pairs: Pair[] = []
  let [from, to] = [fromStart, toStart]
  const pairRest = (fromNext: number, toNext: number): void => {
    pairs.push(...pairByIndex(before, [from, fromNext], [to, toNext]))
  }
  for (let next = fromStart; next < fromEnd; next++) {
    const identity = identityOf(before[next])
    let match = to
    while (match < toEnd && identityOf(after[match]) !== identity) match++
    if (match === toEnd) continue
    pairRest(next, match)
    pairs.push({ from: next, to: match })
    from = next + 1
    to = match + 1
  }
  pairRest(fromEnd, toEnd)
  return pairs
}

/** Equal numbers of objects count as changed; otherwise all are removed and added. */
function pairByIndex(before: readonly Normal[], [from, fromEnd]: Span, [to, toEnd]: Span): Pair[] {
  const indexes = Array.from({ length: fromEnd - from }, (_, i) => from + i)
  const others = Array.from({ length: toEnd - to }, (_, i) => to + i)
  if (indexes.length === others.length && indexes.every((index) => isObject(before[index]))) {
    return indexes.map((index, i) => ({ from: index, to: others[i] }))
  }
  return [...indexes.map((index) => ({ from: index })), ...others.map((index) => ({ to: index }))]
}

/** Larger tables would be slow: then the lists are compared by index. */
const largestTable = 4_000_000

/** A longest common subsequence: indexes in both lists. */
function commonItems(one: readonly string[], two: readonly string[]): Span[] {
  let start = 0
  while (start < one.length && start < two.length && one[start] === two[start]) start++
  const found: Span[] = Array.from({ length: start }, (_, i) => [i, i] as const)
  const [rows, columns] = [one.length - start, two.length - start]
  if (rows * columns > largestTable) return found
  const lengths = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1))
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const isSame = one[start + i] === two[start + j]
      lengths[i][j] = isSame
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1])
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (one[start + i] === two[start + j]) found.push([start + i++, start + j++])
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i++
    else j++
  }
  return found
}

/** All differences, in the order of the first policy's fields. */
export function differences(
  before: Normal | undefined,
  after: Normal | undefined,
  path = '',
): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => {
      return differences(before[name], after[name], path === '' ? name : `${path}.${name}`)
    })
  }
  if (isList(before) && isList(after)) {
    return pairItems(before, after).flatMap(({ from, to }) => {
      const index = `${path}[${to ?? from}]`
      if (from === undefined) return [{ path: index, before: undefined, after: after[to ?? 0] }]
      if (to === undefined)
        return [{ path: `${path}[${from}]`, before: before[from], after: undefined }]
      return differences(before[from], after[to], index)
    })
  }
  return [{ path, before, after }]
}
