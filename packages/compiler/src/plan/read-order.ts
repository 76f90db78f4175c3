import type { Action, Argument, ArgumentMatch, Hook, Selector } from '@tetragon-ts/policy'
import { actionCode, enforcementOf } from '../actions/index.ts'
import { argumentType } from '../arguments/index.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import { argumentOf, type ValueName } from './hook-record.ts'

/** A test of a selector, with its values. */
export interface ValueMatch {
  readonly match: ArgumentMatch
  readonly values: readonly ValueName[]
}

/**
 * Tests of a selector on the values of the entry's record.
 * @param isOnlyAtReturn whether that record is sent at the return, and has the result
 */
export function valueMatches(
  { args, data, expressions, returnArgs }: Selector,
  isOnlyAtReturn: boolean,
): readonly ValueMatch[] {
  const ofResult = isOnlyAtReturn ? returnArgs : []
  return [
    ...args.map((match) => ({ match, values: match.positions.map((i) => `a${i}` as const) })),
    ...data.map((match) => ({ match, values: match.positions.map((i) => `d${i}` as const) })),
    ...expressions.map((match) => ({
      match,
      values: [
        ...match.positions.map((i) => `a${i}` as const),
        ...match.dataPositions.map((i) => `d${i}` as const),
      ],
    })),
    ...ofResult.map((match) => ({ match, values: ['r' as const] })),
  ]
}

/** Whether all values of a test are in registers. */
export function isCheap(hook: Hook, { values }: ValueMatch): boolean {
  return values.every((name) => !argumentType(argumentOf(hook, name).type).costly)
}

/** The values of a hook's records, in the order in which its programs read them. */
export interface ReadOrder {
  /** Of the entry: those that tests and actions use, before a selector is known to match. */
  readonly matchedFirst: readonly ValueName[]
  /** All values of the entry's record, those first. */
  readonly enter: readonly ValueName[]
  /** Values of the return's record; none if there is one record. */
  readonly leave: readonly ValueName[]
}

/** The values of a hook: those that are known at the entry, and those of the return. */
function valuesOf({ args, data, returnArg }: Hook): {
  readonly entry: readonly ValueName[]
  readonly late: readonly ValueName[]
} {
  const entry: readonly ValueName[] = [
    ...args.flatMap((argument, i) => (argument.returnCopy ? [] : [`a${i}` as const])),
    ...data.map((_, i) => `d${i}` as const),
  ]
  const copied = args.flatMap((argument, i) => (argument.returnCopy ? [`a${i}` as const] : []))
  return { entry, late: returnArg ? [...copied, 'r'] : copied }
}

/**
 * Whether one program at the return, with one record, is enough: the parameters are still available
 * there and unchanged.
 * @param followsFiles whether the policy follows files: then descriptors show followed paths
 */
export function isOnlyAtReturn(
  hook: Hook,
  { leave, parametersAtReturn }: Pick<HookPlan, 'leave' | 'parametersAtReturn'>,
  followsFiles: boolean,
): boolean {
  const { entry, late } = valuesOf(hook)
  return (
    late.length > 0 &&
    leave.length > 0 &&
    parametersAtReturn === true &&
    // Enforcing actions at the entry do not wait for the return.
    !hook.selectors.some(({ actions }) => actions.some((action) => enforcementOf(action))) &&
    entry.every((name) => lasts(argumentOf(hook, name), followsFiles))
  )
}

/** Whether an argument is unchanged at the function's return. */
function lasts({ type, resolve, source }: Argument, followsFiles: boolean): boolean {
  if (resolve.length > 0 || source !== undefined) return false
  return type === 'fd' ? followsFiles : argumentType(type).lasts === true
}

/** The actions that the program at the entry executes. */
export function actionsAtEntry(
  { actions, returnActions }: Selector,
  onlyAtReturn: boolean,
): readonly Action[] {
  return onlyAtReturn ? [...actions, ...returnActions] : actions
}

/**
 * Orders the values of a hook.
 * @param onlyAtReturn whether one program at the return reads all
 */
export function readOrder(hook: Hook, onlyAtReturn: boolean): ReadOrder {
  const { entry, late } = valuesOf(hook)
  const matched = new Set<ValueName>(
    hook.selectors.flatMap((selector) => [
      ...valueMatches(selector, onlyAtReturn)
        .filter((match) => !isCheap(hook, match))
        .flatMap(({ values }) => values),
      ...actionsAtEntry(selector, onlyAtReturn).flatMap((action) =>
        (actionCode(action)?.uses(action, hook) ?? []).map((i) => `a${i}` as const),
      ),
    ]),
  )
  // Tested early: a descriptor that is not followed ends the program.
  const all = onlyAtReturn ? [...entry, ...late] : entry
  const isEarly = (name: ValueName): boolean =>
    argumentOf(hook, name).type === 'fd' || matched.has(name)
  const matchedFirst = all.filter(isEarly)
  return {
    matchedFirst,
    enter: [...matchedFirst, ...all.filter((name) => !isEarly(name))],
    leave: onlyAtReturn ? [] : late,
  }
}
