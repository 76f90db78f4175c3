import { nearest } from '@tetragon-ts/api/nearest'
import {
  isMap,
  isScalar,
  isSeq,
  itemPath,
  memberPath,
  type Node,
  type YamlTree,
} from '@tetragon-ts/policy/yaml'
import type { Problems } from '../diagnostics/problems.ts'

/** Maximum length of a value: no rule needs more, and some modifiers multiply it. */
export const longestValue = 10_000

/** A member of a map. */
export interface Member {
  readonly key: string
  readonly keyNode: Node | undefined
  readonly node: Node | undefined
  readonly path: string
}

/** A document of a file of rules, and where its problems go. */
export interface RuleDocument {
  readonly tree: YamlTree
  readonly problems: Problems
}

/** Members of a map by name; duplicates are errors. Undefined, and an error, for other nodes. */
export function membersOf(
  { tree, problems }: RuleDocument,
  written: Node | undefined,
  path: string,
): Map<string, Member> | undefined {
  const node = tree.resolve(written)
  if (!isMap(node)) {
    problems.add(node ?? written, path, 'RULE_TYPE', `expected fields, not ${described(node)}`)
    return undefined
  }
  const members = new Map<string, Member>()
  for (const { key, keyNode, value, merged } of tree.entries(node)) {
    const where = memberPath(path, key)
    if (keyNode === undefined) {
      problems.add(node, path, 'RULE_TYPE', 'the name of a field must be a text')
    } else if (members.has(key)) {
      if (merged) continue
      problems.add(keyNode, where, 'RULE_DUPLICATE_KEY', `${JSON.stringify(key)} appears twice`)
    } else members.set(key, { key, keyNode, node: tree.resolve(value), path: where })
  }
  if (tree.mergesTooMuch) problems.add(node, path, 'RULE_LIMIT', 'merge keys expand without limit')
  return members
}

/** Items of a list, with their paths; another node is the only item. */
export function itemsOf({ tree }: RuleDocument, node: Node | undefined, path: string): Member[] {
  if (!isSeq(node)) return [{ key: '', keyNode: undefined, node, path }]
  return node.items.map((item, index) => {
    const where = itemPath(path, index)
    return { key: '', keyNode: undefined, node: tree.resolve(item), path: where }
  })
}

/** The text of a scalar; undefined for null, lists and maps. Numbers and booleans are texts too. */
export function scalarText(node: Node | undefined): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined
  return String(node.value)
}

export function isNull(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null)
}

/** What a node is, for messages. */
export function described(node: Node | undefined): string {
  if (isMap(node)) return 'fields'
  if (isSeq(node)) return 'a list'
  return isNull(node) ? 'nothing' : 'a value'
}

/** A text of a member; an error for lists and maps. */
export function textOf(document: RuleDocument, member: Member | undefined): string | undefined {
  if (member === undefined || isNull(member.node)) return undefined
  const text = scalarText(member.node)
  const { node, keyNode, path } = member
  if (text === undefined) {
    document.problems.add(
      node ?? keyNode,
      path,
      'RULE_TYPE',
      `expected a text, not ${described(node)}`,
    )
  }
  return text
}

/** A list of texts; a single text is a list too. */
export function textsOf(document: RuleDocument, member: Member | undefined): string[] {
  if (member === undefined || isNull(member.node)) return []
  return itemsOf(document, member.node, member.path).flatMap((item) => textOf(document, item) ?? [])
}

/**
 * Reports a missing field. A document may have fields of its own, so a name is only suspected to be
 * misspelt where a required one is missing.
 * @param others fields that can be there instead
 * @param path where the field belongs
 */
export function reportMissing(
  { problems }: RuleDocument,
  members: ReadonlyMap<string, Member>,
  key: string,
  others: readonly string[] = [],
  path = key,
): void {
  for (const meant of [key, ...others]) {
    const given = members.get(nearest(meant, [...members.keys()]) ?? '')
    if (given === undefined || given.key === meant) continue
    const message = `${key} is missing, did you mean ${meant} by ${JSON.stringify(given.key)}?`
    problems.add(given.keyNode, path, 'RULE_MISSING_FIELD', message)
    return
  }
  problems.add(undefined, path, 'RULE_MISSING_FIELD', `${key} is missing`)
}
