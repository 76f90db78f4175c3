import {
  itemsOf,
  type Member,
  membersOf,
  type RuleDocument,
  reportMissing,
  textOf,
  textsOf,
} from '../parse/document.ts'
import type { FalcoRule, Located } from './falco-rule.ts'
import { appendExceptions, readExceptions } from './read-exceptions.ts'

/** Lists inside lists could double it. */
const longestList = 100_000

type Members = ReadonlyMap<string, Member>

/** How an item changes one of before. */
type Change = 'append' | 'replace'

/** Lists, macros and rules of files, in the order in which Falco loads them. */
export class FalcoItems {
  readonly lists = new Map<string, readonly string[]>()
  readonly macros = new Map<string, Located>()
  readonly rules = new Map<string, FalcoRule>()

  /** Reads the items of a file; what is wrong with them goes to the problems of the document. */
  read(document: RuleDocument): void {
    const { tree, problems } = document
    for (const item of itemsOf(document, tree.resolve(tree.root), '')) {
      const members = membersOf(document, item.node, item.path)
      if (members === undefined) continue
      if (members.has('list')) this.#list(document, members)
      else if (members.has('macro')) this.#macro(document, members)
      else if (members.has('rule')) this.#rule(document, members)
      else if (
        !members.has('required_engine_version') &&
        !members.has('required_plugin_versions')
      ) {
        const message = 'an item of a file of Falco is a rule, macro or list'
        problems.add(item.node, item.path, 'RULE_VALUE', message)
      }
    }
  }

  #list(document: RuleDocument, members: Members): void {
    const name = textOf(document, members.get('list')) ?? ''
    const items = textsOf(document, members.get('items')).flatMap((item) => {
      // Items with blanks or signs have quotes of their own.
      const [, , inner] = /^(["'])(.*)\1$/s.exec(item) ?? []
      return inner === undefined ? (this.lists.get(item) ?? [item]) : [inner]
    })
    const isAppended = changeOf(document, members, 'items') === 'append'
    const before = this.#before(document, members, 'list', this.lists)
    const all = isAppended ? [...(before ?? []), ...items] : items
    if (all.length > longestList) {
      const message = `the list ${JSON.stringify(name)} has more than ${longestList} items`
      document.problems.add(members.get('list')?.keyNode, 'list', 'RULE_LIMIT', message)
    }
    this.lists.set(name, all.slice(0, longestList))
  }

  #macro(document: RuleDocument, members: Members): void {
    const name = textOf(document, members.get('macro')) ?? ''
    const condition = located(document, members)
    if (condition === undefined) return reportMissing(document, members, 'condition')
    const isAppended = changeOf(document, members, 'condition') === 'append'
    const before = this.#before(document, members, 'macro', this.macros)
    const text = isAppended && before ? `${before.text} ${condition.text}` : condition.text
    this.macros.set(name, { ...condition, text })
  }

  #rule(document: RuleDocument, members: Members): void {
    const name = textOf(document, members.get('rule')) ?? ''
    const before = this.#before(document, members, 'rule', this.rules)
    const isOnlySwitch = [...members.keys()].every((key) => key === 'rule' || key === 'enabled')
    if (changesAny(members) || (isOnlySwitch && before !== undefined)) {
      if (before !== undefined) this.rules.set(name, changed(document, members, before))
      return
    }
    const condition = located(document, members)
    if (condition === undefined) return reportMissing(document, members, 'condition')
    const text = (key: string): string => textOf(document, members.get(key))?.trim() ?? ''
    this.rules.set(name, {
      ...{ name, condition },
      description: text('desc'),
      output: text('output'),
      priority: text('priority'),
      source: text('source') || 'syscall',
      isEnabled: text('enabled') !== 'false',
      tags: textsOf(document, members.get('tags')),
      exceptions: readExceptions(document, members.get('exceptions')),
    })
  }

  /** The item that is changed; an error if there is none. */
  #before<Item>(
    document: RuleDocument,
    members: Members,
    kind: string,
    items: ReadonlyMap<string, Item>,
  ): Item | undefined {
    const member = members.get(kind)
    const name = textOf(document, member) ?? ''
    const before = items.get(name)
    if (before === undefined && changesAny(members)) {
      const message = `the ${kind} ${JSON.stringify(name)} is changed before it is defined`
      document.problems.add(member?.keyNode, kind, 'RULE_REFERENCE', message)
    }
    return before
  }
}

/** Falco's older way to append, without `override`. */
function isAppend(members: Members): boolean {
  const node = members.get('append')?.node
  return node !== undefined && 'value' in node && node.value === true
}

function changesAny(members: Members): boolean {
  return members.has('override') || isAppend(members)
}

function changeOf(document: RuleDocument, members: Members, key: string): Change {
  const override = members.get('override')
  if (override === undefined) return isAppend(members) ? 'append' : 'replace'
  const change = textOf(document, membersOf(document, override.node, 'override')?.get(key))
  return change === 'append' ? 'append' : 'replace'
}

/** A rule with the members of an item appended, or in place of its own. */
function changed(document: RuleDocument, members: Members, before: FalcoRule): FalcoRule {
  const joined = (own: string, key: string): string => {
    const text = textOf(document, members.get(key))?.trim()
    if (text === undefined) return own
    return changeOf(document, members, key) === 'append' ? `${own} ${text}` : text
  }
  const condition = located(document, members)
  const tags = textsOf(document, members.get('tags'))
  const isReplaced = (key: string): boolean => {
    return members.has(key) && changeOf(document, members, key) === 'replace'
  }
  const exceptions = isReplaced('exceptions')
    ? readExceptions(document, members.get('exceptions'))
    : appendExceptions(
        before.exceptions,
        readExceptions(document, members.get('exceptions'), before.exceptions),
      )
  return {
    ...before,
    condition: condition
      ? { ...condition, text: joined(before.condition.text, 'condition') }
      : before.condition,
    description: joined(before.description, 'desc'),
    output: joined(before.output, 'output'),
    priority: textOf(document, members.get('priority')) ?? before.priority,
    isEnabled: members.has('enabled')
      ? textOf(document, members.get('enabled')) !== 'false'
      : before.isEnabled,
    tags: isReplaced('tags') ? tags : [...before.tags, ...tags],
    exceptions,
  }
}

function located(document: RuleDocument, members: Members): Located | undefined {
  const member = members.get('condition')
  const text = textOf(document, member)
  if (text === undefined) return undefined
  return { text, node: member?.keyNode, problems: document.problems }
}
