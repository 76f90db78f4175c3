import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { nested } from './nested.ts'
import { image, reference } from './reference.ts'

const file = new URL('../../helm-values/tetragon-values.txt', import.meta.url)

/** A map or list of defaults. */
type Group = Record<string, unknown>

/**
 * Disagreements between reference.ts and tetragon-values.txt, the second source of the same values.
 * @param text lines of a path, a space and the default as JSON, as in the table of Tetragon's
 * chart. A path may be that of a group, and of a part of a default (`tolerations[0].operator`).
 */
export function disagreements(
  table: Readonly<Record<string, unknown>> = reference,
  text: string = readFileSync(file, 'utf8'),
): string[] {
  const problems: string[] = []
  const facts: Group = {}
  for (const line of text.trimEnd().split('\n')) {
    const end = line.indexOf(' ')
    const path = line.slice(0, end)
    addFact(facts, namesOf(path), path, JSON.parse(line.slice(end + 1)), problems)
  }
  compareGroups(nested(table) as Group, facts, '', problems)
  return problems
}

/** `a.b[0]."c.d"` as `a`, `b`, `0`, `c.d`. */
function namesOf(path: string): string[] {
  return [...path.matchAll(/"([^"]+)"|([^.[\]]+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

/** Adds a default at its position. Two lines may have the same default, but not different ones. */
function addFact(
  facts: Group,
  [name, ...inner]: string[],
  path: string,
  value: unknown,
  problems: string[],
): void {
  const known = facts[name!]
  if (inner.length > 0) {
    if (!isGroup(known)) facts[name!] = {}
    addFact(facts[name!] as Group, inner, path, value, problems)
  } else if (isGroup(value) && Object.keys(value).length > 0) {
    for (const [each, content] of Object.entries(value)) {
      addFact(facts, [name!, each], path, content, problems)
    }
  } else if (known === undefined) facts[name!] = value
  else if (!isDeepStrictEqual(known, value)) problems.push(`tetragon-values.txt: ${path}: differs`)
}

function compareGroups(table: Group, facts: Group, prefix: string, problems: string[]): void {
  for (const name of new Set([...Object.keys(table), ...Object.keys(facts)])) {
    const path = prefix + name
    const [ours, theirs] = [table[name], facts[name]]
    if (ours === undefined) problems.push(`reference.ts: ${path} is missing`)
    else if (theirs === undefined) problems.push(`tetragon-values.txt: ${path} is missing`)
    else if (isGroup(ours) && isGroup(theirs) && Object.keys(ours).length > 0)
      compareGroups(ours, theirs, `${path}.`, problems)
    else if (!(isDeepStrictEqual(ours, theirs) || (ours === image && typeof theirs === 'string')))
      problems.push(`${path}: ${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`)
  }
}

/** Lists of objects are groups, too: their items have positions as names. */
function isGroup(value: unknown): value is Group {
  if (Array.isArray(value)) return value.some(isGroup)
  return typeof value === 'object' && value !== null
}
