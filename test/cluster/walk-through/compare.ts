import { patternOf, type Replacements } from './wildcards.ts'

/**
 * The first line of `expected` that `actual` does not have after the lines before it; undefined if
 * all are there in order. There may be others between them.
 */
export function firstMissingLine(
  expected: readonly string[],
  actual: readonly string[],
  replacements: Replacements = {},
): string | undefined {
  let next = 0
  for (const line of expected) {
    const pattern = patternOf(line.trimEnd(), replacements)
    const found = actual.findIndex((each, i) => i >= next && pattern.test(each.trimEnd()))
    if (found < 0) return line
    next = found + 1
  }
  return undefined
}

/** How a JSON object differs from the one of the walk-through. */
export interface Differences {
  /** Fields that are missing, have another order or value. */
  readonly missing: string[]
  /** Paths of fields that the walk-through does not have. */
  readonly extra: string[]
}

/** Numbers that differ in each run. */
const variableNumbers = new Set(['pid', 'tid', 'refcnt'])

/**
 * Compares objects: every field of `expected`, in its order, and others between them. A value of
 * `expected` may be a pattern.
 */
export function compareObjects(
  expected: object,
  actual: object,
  replacements: Replacements,
  path = '',
  differences: Differences = { missing: [], extra: [] },
): Differences {
  const names = Object.keys(actual)
  let last = -1
  for (const [name, value] of Object.entries(expected)) {
    const field = `${path}${name}`
    const position = names.indexOf(name)
    const found = (actual as Record<string, unknown>)[name]
    if (position < 0) differences.missing.push(`${field}: missing`)
    else if (position < last) differences.missing.push(`${field}: order`)
    else if (value instanceof RegExp) {
      if (!value.test(String(found))) differences.missing.push(`${field}: ${JSON.stringify(found)}`)
    } else if (isObject(value) && isObject(found)) {
      compareObjects(value, found, replacements, `${field}.`, differences)
    } else if (!isSame(name, value, found, replacements)) {
      differences.missing.push(`${field}: ${JSON.stringify(found)}`)
    }
    last = Math.max(last, position)
  }
  const extra = names.filter((name) => !Object.hasOwn(expected, name))
  differences.extra.push(...extra.map((name) => `${path}${name}`))
  return differences
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function isSame(name: string, expected: unknown, found: unknown, replacements: Replacements) {
  if (typeof expected === 'string' && typeof found === 'string') {
    return patternOf(expected, replacements).test(found)
  }
  const isVariable = variableNumbers.has(name) && typeof found === 'number'
  return isVariable || expected === found
}
