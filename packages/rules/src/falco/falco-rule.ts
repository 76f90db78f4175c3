import type { Node } from '@tetragon-ts/policy/yaml'
import type { Problems } from '../diagnostics/problems.ts'
import type { FalcoCondition } from './condition.ts'
import type { FalcoLists } from './parse-condition.ts'
import { parseFalcoField } from './parse-condition.ts'

/** A text of a file, and where it stands. */
export interface Located {
  readonly text: string
  readonly node: Node | undefined
  readonly problems: Problems
}

/** What a rule excepts. */
export interface FalcoException {
  readonly name: string
  readonly fields: readonly string[]
  /** Whether the fields are written as a list, and the values as tuples. */
  readonly isList: boolean
  /** One operator for each field. */
  readonly operators: readonly string[]
  /** For each case, the values of each field. */
  readonly cases: readonly (readonly (readonly string[])[])[]
}

/** A rule after all that was appended to it and replaced in it. */
export interface FalcoRule {
  readonly name: string
  readonly condition: Located
  readonly description: string
  readonly output: string
  readonly priority: string
  readonly source: string
  readonly isEnabled: boolean
  readonly tags: readonly string[]
  readonly exceptions: readonly FalcoException[]
}

/** The condition under which an exception holds. @throws FalcoSyntaxError */
export function exceptionCondition(
  { fields, operators, cases }: FalcoException,
  lists: FalcoLists,
): FalcoCondition {
  const of = cases.map((values): FalcoCondition => {
    const checks = fields.map((field, i): FalcoCondition => {
      const expanded = (values[i] ?? []).flatMap((value) => {
        return lists.get(value.replace(/^\((.*)\)$/, '$1').trim()) ?? [value]
      })
      return {
        kind: 'check',
        field: parseFalcoField(field),
        operator: operators[i],
        values: expanded,
      }
    })
    return { kind: 'and', of: checks }
  })
  return { kind: 'or', of }
}
