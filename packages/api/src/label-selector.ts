import type { ErrorCodeOf } from './error-codes.ts'

/** Thrown for an invalid label selector. */
export class LabelSelectorError extends Error {
  override readonly name = 'LabelSelectorError'
  readonly code: ErrorCodeOf<'LabelSelectorError'> = 'invalid_label_selector'
}

/** Whether labels are selected. */
export type LabelMatch = (labels: Readonly<Record<string, string>>) => boolean

const key = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?'
const value = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?'
const values = String.raw`${value}(?:\s*,\s*${value})*`

const requirement = new RegExp(
  String.raw`^\s*(?:(!)\s*(${key})|(${key})(?:\s*(==|=|!=)\s*(${value})` +
    String.raw`|\s+(in|notin)\s*\(\s*(${values})\s*\))?)\s*(?:,|$)`,
)

/** Parsing takes quadratic time. */
const longest = 4096

/** Labels are untrusted: `constructor` is not a label unless it is set. */
function labelOf(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}

function oneOfValues(name: string, list: string): LabelMatch {
  const wanted = new Set(list.split(',').map((each) => each.trim()))
  return (labels) => {
    const found = labelOf(labels, name)
    return found !== undefined && wanted.has(found)
  }
}

function compileOne([
  ,
  not,
  absent,
  name,
  operator,
  equal,
  set,
  list,
]: RegExpExecArray): LabelMatch {
  if (not !== undefined) return (labels) => labelOf(labels, absent) === undefined
  if (set !== undefined) {
    const isIn = oneOfValues(name, list)
    return set === 'in' ? isIn : (labels) => !isIn(labels)
  }
  if (operator === undefined) return (labels) => labelOf(labels, name) !== undefined
  if (operator === '!=') return (labels) => labelOf(labels, name) !== equal
  return (labels) => labelOf(labels, name) === equal
}

/**
 * Compiles a Kubernetes label selector, such as `app=web,tier in (a, b),!canary`: labels must match
 * every part; the empty selector matches everything.
 * @throws LabelSelectorError
 */
export function compileLabelSelector(text: string): LabelMatch {
  if (text.length > longest) {
    throw new LabelSelectorError(`compile label selector: more than ${longest} characters`)
  }
  const matches: LabelMatch[] = []
  let rest = text.trim()
  while (rest !== '') {
    const found = requirement.exec(rest)
    if (found === null) {
      throw new LabelSelectorError(`compile label selector: '${text}': expected one at '${rest}'`)
    }
    matches.push(compileOne(found))
    const next = rest.slice(found[0].length).trim()
    if (next === '' && found[0].endsWith(',')) {
      throw new LabelSelectorError(`compile label selector: '${text}' ends with a comma`)
    }
    rest = next
  }
  return (labels) => matches.every((match) => match(labels))
}
