import type { Finding } from '@tetragon-ts/api'
import { type MatchedField, type RuleHead, ruleKey } from '@tetragon-ts/rules'

/** Maximum length of a value in a finding, in UTF-16 units. */
const valueMax = 256
const partsMax = 100

/** What a finding has besides its rule. */
export interface FindingDetail {
  readonly fields?: readonly MatchedField[]
  readonly repeated: number
  /** Of a correlation. */
  readonly uncertain?: boolean
  readonly execIds?: readonly string[]
  readonly action?: Pick<Finding, 'action' | 'action_state'>
}

/** The message of a finding. Absent fields are left out, as in all events. */
export function findingOf(rule: RuleHead, detail: FindingDetail): Finding {
  const { title, level, techniques } = rule
  const { fields = [], repeated, uncertain = false, execIds = [], action = {} } = detail
  return {
    rule: ruleKey(rule),
    title,
    ...(level === undefined ? {} : { level }),
    ...(techniques.length === 0 ? {} : { techniques: [...techniques] }),
    ...(fields.length === 0 ? {} : { fields: shortFields(fields) }),
    ...(repeated === 0 ? {} : { repeated: String(repeated) }),
    ...(uncertain ? { uncertain } : {}),
    ...(execIds.length === 0 ? {} : { exec_ids: execIds.slice(0, partsMax) }),
    ...action,
  }
}

/** Several matches in a value are one field, unless they are far apart. */
function shortFields(matched: readonly MatchedField[]): Finding['fields'] {
  const fields = matched.map((each) => ({ field: each.field, value: shortValue(each) }))
  const seen = new Set<string>()
  return fields.filter(({ field, value }) => {
    const key = `${field} ${value}`
    return !seen.has(key) && seen.add(key)
  })
}

/** A long value around what matched. */
function shortValue({ value, range = [0, 0] }: MatchedField): string {
  if (value.length <= valueMax) return value
  const middle = (range[0] + range[1]) >> 1
  const from = Math.max(0, Math.min(middle - (valueMax >> 1), value.length - valueMax))
  const end = from + valueMax
  return `${from > 0 ? '…' : ''}${value.slice(from, end)}${end < value.length ? '…' : ''}`
}

/** The member of the envelope, as UTF-8 in a latin1 string. */
export function findingsMember(findings: readonly Finding[]): string {
  return Buffer.from(`,"findings":${JSON.stringify(findings)}`, 'utf8').toString('latin1')
}
