import { nearest } from '@tetragon-ts/api/nearest'
import { type FilterExpiry, filterExpiry, hasExpired } from '../model/filter-expiry.ts'
import type { RuleFilter } from '../model/rule.ts'
import { isNull, type Member, type RuleDocument, textOf } from './document.ts'

const longestOwner = 256
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

/** Warns where the terms of a filter are written in a rule: an author may believe that it ends. */
export function reportMisplaced(
  { problems }: RuleDocument,
  members: ReadonlyMap<string, Member>,
): void {
  for (const key of ['owner', 'expires']) {
    const member = members.get(key)
    if (member === undefined) continue
    const message = `${key} has no effect in a rule: filters have it`
    problems.add(member.keyNode, key, 'RULE_VALUE', message, { severity: 'warning' })
  }
}

/** An expiry under another name would be an exception for ever. */
function reportMisspelt({ problems }: RuleDocument, members: ReadonlyMap<string, Member>): void {
  for (const { key, keyNode, path } of members.values()) {
    if (key === 'owner' || key === 'expires' || ofSigma.includes(key)) continue
    const meant = /^expir|until$/i.test(key) ? 'expires' : nearest(key, ['owner', 'expires'])
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
  const date = isNull(member.node) ? '' : textOf(document, member)
  if (date === undefined) return undefined
  const expires = filterExpiry(date)
  if (expires === undefined) {
    const message = `${JSON.stringify(date)} is not a date such as 2027-01-31`
    problems.add(where, 'expires', 'RULE_VALUE', message)
  } else if (hasExpired({ expires }, nowMs)) {
    const message = 'the filter has expired: it excepts nothing any more'
    problems.add(where, 'expires', 'RULE_EXPIRED', message, { severity: 'warning' })
  }
  return expires
}
