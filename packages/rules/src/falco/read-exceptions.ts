import { isSeq } from '@tetragon-ts/policy/yaml'
import {
  itemsOf,
  type Member,
  membersOf,
  type RuleDocument,
  textOf,
  textsOf,
} from '../parse/document.ts'
import { takesList } from './condition.ts'
import type { FalcoException } from './falco-rule.ts'

/**
 * Reads the exceptions of a rule.
 * @param before those that are appended to: an exception of the same name has only values
 */
export function readExceptions(
  document: RuleDocument,
  member: Member | undefined,
  before: readonly FalcoException[] = [],
): FalcoException[] {
  if (member?.node === undefined) return []
  return itemsOf(document, member.node, member.path).flatMap((item) => {
    const members = membersOf(document, item.node, item.path)
    const name = members && textOf(document, members.get('name'))
    if (members === undefined || name === undefined) return []
    const head = before.find((each) => each.name === name) ?? readHead(document, name, members)
    return [{ ...head, cases: readCases(document, members.get('values'), head) }]
  })
}

type Head = Omit<FalcoException, 'cases'>

function readHead(
  document: RuleDocument,
  name: string,
  members: ReadonlyMap<string, Member>,
): Head {
  const fields = textsOf(document, members.get('fields'))
  const isList = isSeq(members.get('fields')?.node)
  const written = textsOf(document, members.get('comps'))
  return {
    name,
    fields,
    operators: fields.map((_, i) => written[i] ?? (isList ? '=' : 'in')),
    isList,
  }
}

/** A single field has a list of values, several fields have a list of tuples. */
function readCases(
  document: RuleDocument,
  values: Member | undefined,
  { isList, operators }: Head,
): FalcoException['cases'] {
  if (values?.node === undefined) return []
  if (!isList && takesList(operators[0])) return [[textsOf(document, values)]]
  return itemsOf(document, values.node, values.path).map((each) => {
    return itemsOf(document, each.node, each.path).map((value) => textsOf(document, value))
  })
}

/** Adds exceptions to those of the same name: only values are added there. */
export function appendExceptions(
  own: readonly FalcoException[],
  more: readonly FalcoException[],
): FalcoException[] {
  const left = new Map(more.map((each) => [each.name, each]))
  const joined = own.map((each) => {
    const added = left.get(each.name)
    left.delete(each.name)
    if (added === undefined) return each
    const cases =
      !each.isList && takesList(each.operators[0])
        ? [[[...each.cases, ...added.cases].flat(2)]]
        : [...each.cases, ...added.cases]
    return { ...each, cases }
  })
  return [...joined, ...left.values()]
}
