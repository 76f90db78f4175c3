import { nearest } from '@tetragon-ts/api/nearest'
import type { FilterExpiry, RuleFilter } from '../model/rule.ts'
import { isNull, type Member, type RuleDocument, textOf } from './document.ts'

const longestOwner = 256
const dayMs = 86_400_000
const dateForm = /^\d{4}-\d{2}-\d{2}$/
/** Fields of filters that Sigma has. */
const ofSigma = [
  ...['title', 'id', 'description', 'date', 'modified', 'taxonomy', 'author', 'references'],
  ...['logsource', 'filter', 'tags', 'status', 'level', 'name', 'license', 'related'],
]

/**
 * Reads who answers for a filter and when it expires: `owner` and `expires`, two of the fields that
 * Sigma leaves to its users.
 * @param nowMs an earlier expiry is a warning
 */
export function readFilterTerms(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
  nowMs: number,
): Pick<RuleFilter, 'owner' | 'expires'> {
  reportMisspelt(document, members)
  return { owner: readOwner(document, members), expires: readExpiry(document, members, nowMs) }
}

/** An expiry under another name would be an exception for ever. */
function reportMisspelt({ problems }: RuleDocument, members: ReadonlyMap<string, Member>): void {
  for (const { key, keyNode, path } of members.values()) {
    if (key === 'owner' || key === 'expires' || ofSigma.includes(key)) continue
    const meant = /^expir/i.test(key) ? 'expires' : nearest(key, ['owner', 'expires'])
    if (meant === undefined) continue
    const message = `${JSON.stringify(key)} has no effect, did you mean ${meant}?`
    problems.add(keyNode, path, 'RULE_VALUE', message, { severity: 'warning' })
  }
}

function readOwner(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
): string | undefined {
  const member = members.get('owner')
  const owner = textOf(document, member)?.trim()
  if (owner !== undefined && (owner === '' || owner.length > longestOwner)) {
    const message = `owner has 1 to ${longestOwner} characters`
    document.problems.add(member?.node, 'owner', 'RULE_VALUE', message)
  }
  return owner
}

function readExpiry(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
  nowMs: number,
): FilterExpiry | undefined {
  const { problems } = document
  const member = members.get('expires')
  if (member === undefined) return undefined
  const where = isNull(member.node) ? member.keyNode : member.node
  const date = textOf(document, member) ?? ''
  const startMs = dateForm.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  // Date.parse takes some dates that do not exist as days of the next month.
  if (Number.isNaN(startMs) || new Date(startMs).toISOString().slice(0, 10) !== date) {
    const message = `${JSON.stringify(date)} is not a date such as 2027-01-31`
    problems.add(where, 'expires', 'RULE_VALUE', message)
    return undefined
  }
  const endMs = startMs + dayMs
  if (endMs <= nowMs) {
    const message = 'the filter has expired: it excepts nothing any more'
    problems.add(where, 'expires', 'RULE_EXPIRED', message, { severity: 'warning' })
  }
  return { date, endMs }
}
