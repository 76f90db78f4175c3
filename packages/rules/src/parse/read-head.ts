import { findingLevels } from '@tetragon-ts/api'
import type { Node } from '@tetragon-ts/policy/yaml'
import { type RuleHead, statuses } from '../model/rule.ts'
import {
  isNull,
  type Member,
  type RuleDocument,
  reportMissing,
  textOf,
  textsOf,
} from './document.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const tagPattern = /^[a-z0-9_-]+\.[a-z0-9._-]+$/
const technique = /^attack\.(t\d{4}(?:\.\d{3})?)$/i
const longestTitle = 256

/** Reads what rules and correlations have alike; undefined after a problem was reported. */
export function readHead(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
): RuleHead | undefined {
  const { problems, tree } = document
  const title = readTitle(document, members)
  const id = readId(document, members)
  const text = (key: string): string | undefined => textOf(document, members.get(key))
  const texts = (key: string): string[] => textsOf(document, members.get(key))
  const tags = texts('tags').map((tag) => tag.toLowerCase())
  const tagsMember = members.get('tags')
  for (const tag of tags) {
    if (tagPattern.test(tag)) continue
    const message = `tag ${JSON.stringify(tag)} has no namespace such as attack.`
    const where = tagsMember?.keyNode as Node
    problems.add(where, 'tags', 'RULE_VALUE', message, { severity: 'warning' })
  }
  const others = {
    id,
    name: text('name'),
    description: text('description'),
    status: oneOf(document, members.get('status'), statuses),
    level: oneOf(document, members.get('level'), findingLevels),
    tags,
    techniques: tags.flatMap((tag) => technique.exec(tag)?.[1].toUpperCase() ?? []),
    references: texts('references'),
    falsePositives: texts('falsepositives'),
    author: text('author'),
    file: problems.file,
    line: tree.lines[0],
  }
  return title === undefined ? undefined : { title, ...others }
}

/** Reads the title; an error without one. */
export function readTitle(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
): string | undefined {
  const member = members.get('title')
  const title = textOf(document, member)
  if (member === undefined || isNull(member.node)) reportMissing(document, members, 'title')
  else if (title !== undefined && title.length > longestTitle) {
    const message = `the title is longer than ${longestTitle} characters`
    document.problems.add(member?.node, 'title', 'RULE_VALUE', message)
  }
  return title
}

/** Reads the id; an error unless it is a UUID. */
export function readId(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
): string | undefined {
  const member = members.get('id')
  const id = textOf(document, member)
  if (id !== undefined && !uuid.test(id)) {
    document.problems.add(member?.node, 'id', 'RULE_VALUE', `${JSON.stringify(id)} is not a UUID`)
  }
  return id?.toLowerCase()
}

function oneOf<const Name extends string>(
  document: RuleDocument,
  member: Member | undefined,
  allowed: readonly Name[],
): Name | undefined {
  const text = textOf(document, member)
  const found = allowed.find((name) => name === text?.toLowerCase())
  if (text === undefined || found !== undefined) return found
  const message = `${JSON.stringify(text)} is not a ${member?.key}`
  const details = { allowed, given: text }
  document.problems.add(member?.node, member?.path ?? '', 'RULE_VALUE', message, details)
  return undefined
}
