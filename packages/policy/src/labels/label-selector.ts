import type { ErrorCodeOf } from '../error-codes.ts'
import type { LabelExpression } from '../model/index.ts'
import { type Labels, labelMatcher } from './label-matcher.ts'

/** Thrown for an invalid label selector. */
export class LabelSelectorError extends Error {
  override readonly name = 'LabelSelectorError'
  readonly code: ErrorCodeOf<'LabelSelectorError'> = 'invalid_label_selector'
}

const key = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?'
const value = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?'
const values = String.raw`${value}(?:\s*,\s*${value})*`

const requirement = new RegExp(
  String.raw`^\s*(?:(!)\s*(${key})|(${key})(?:\s*(==|=|!=)\s*(${value})` +
    String.raw`|\s+(in|notin)\s*\(\s*(${values})\s*\))?)\s*(?:,|$)`,
)

/** Parsing takes quadratic time. */
const longest = 4096

function readRequirement([, not, absent, name, operator, equal, set, list]: RegExpExecArray) {
  const expression = (
    key: string,
    operator: LabelExpression['operator'],
    values: readonly string[] = [],
  ): LabelExpression => ({ key, operator, values })
  if (not !== undefined) return expression(absent, 'DoesNotExist')
  if (set !== undefined) {
    const values = list.split(',').map((each) => each.trim())
    return expression(name, set === 'in' ? 'In' : 'NotIn', values)
  }
  if (operator === undefined) return expression(name, 'Exists')
  return expression(name, operator === '!=' ? 'NotIn' : 'In', [equal])
}

/**
 * Compiles a Kubernetes label selector, such as `app=web,tier in (a, b),!canary`: labels must match
 * every part; the empty selector matches everything.
 * @throws LabelSelectorError
 */
export function compileLabelSelector(text: string): (labels: Labels) => boolean {
  if (text.length > longest) {
    throw new LabelSelectorError(`compile label selector: more than ${longest} characters`)
  }
  const matchExpressions: LabelExpression[] = []
  let rest = text.trim()
  while (rest !== '') {
    const found = requirement.exec(rest)
    if (found === null) {
      throw new LabelSelectorError(`compile label selector: '${text}': expected one at '${rest}'`)
    }
    matchExpressions.push(readRequirement(found))
    const next = rest.slice(found[0].length).trim()
    if (next === '' && found[0].endsWith(',')) {
      throw new LabelSelectorError(`compile label selector: '${text}' ends with a comma`)
    }
    rest = next
  }
  return labelMatcher({ matchLabels: {}, matchExpressions })
}
