import {
  type Argument,
  type ArgumentMatch,
  type ArgumentTypeName,
  type BadValue,
  type Diagnostic,
  type Hook,
  isValueOperator,
  type PolicyDocument,
  readArgumentTest,
} from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { sectionOf } from '../sections/index.ts'

/** Replaces the type `auto` of arguments by the type that they have there. */
export function inferTypes(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): { hook: Hook; found: Diagnostic[] } {
  const found: Diagnostic[] = []
  const { inferredTypes } = sectionOf(hook)
  if (!inferredTypes) return { hook, found }
  const types = inferredTypes(hook, document, kernel, found)
  const args = hook.args.map((argument) => {
    const isAuto = argument.type === 'auto' && argument.resolve.length === 0
    const type = isAuto ? types?.(argument) : undefined
    return type ? { ...argument, type } : argument
  })
  const selectors = hook.selectors.map((selector) => ({
    ...selector,
    args: selector.args.map((match) => readAgain(match, hook.args, args, document, found)),
  }))
  return { hook: { ...hook, args, selectors }, found }
}

/** Parses the values of a test again, now that the type of the argument is known. */
function readAgain(
  match: ArgumentMatch,
  before: readonly Argument[],
  after: readonly Argument[],
  document: PolicyDocument,
  found: Diagnostic[],
): ArgumentMatch {
  const [position] = match.positions
  const { operator, values } = match.written
  if (before[position]?.type !== 'auto' || !isValueOperator(operator)) return match
  const { type } = after[position]
  const test = readArgumentTest(operator, type, values, (i, problem) => {
    const path = `${match.path}.values[${i}]`
    found.push(document.diagnose(path, 'POLICY_OPERAND', problemText(problem, type)))
  })
  return test ? { ...match, test } : match
}

function problemText(problem: BadValue, type: ArgumentTypeName): string {
  return `${problem.message} (the argument is of type ${type})`
}
