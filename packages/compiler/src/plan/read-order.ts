import type { Action, Hook, Selector } from '@tetragon-ts/policy'
import { actionCode } from '../actions/index.ts'
import { argumentOf, type ValueName } from './hook-record.ts'
import { isCheap, valueMatches } from './value-matches.ts'

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
export function valuesOf({ args, data, returnArg }: Hook): {
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

/** The actions that the program at the entry executes. */
export function actionsAtEntry(
  { actions, returnActions }: Selector,
  isOnlyAtReturn: boolean,
): readonly Action[] {
  return isOnlyAtReturn ? [...actions, ...returnActions] : actions
}

/**
 * Orders the values of a hook.
 * @param isOnlyAtReturn whether one program at the return reads all
 */
export function readOrder(hook: Hook, isOnlyAtReturn: boolean): ReadOrder {
  const { entry, late } = valuesOf(hook)
  const matched = new Set<ValueName>(
    hook.selectors.flatMap((selector) => [
      ...valueMatches(selector, isOnlyAtReturn)
        .filter((match) => !isCheap(hook, match))
        .flatMap(({ values }) => values),
      ...actionsAtEntry(selector, isOnlyAtReturn).flatMap((action) =>
        (actionCode(action)?.uses(action, hook) ?? []).map((i) => `a${i}` as const),
      ),
    ]),
  )
  // Tested early: a descriptor that is not followed ends the program.
  const all = isOnlyAtReturn ? [...entry, ...late] : entry
  const isEarly = (name: ValueName): boolean =>
    argumentOf(hook, name).type === 'fd' || matched.has(name)
  const matchedFirst = all.filter(isEarly)
  return {
    matchedFirst,
    enter: [...matchedFirst, ...all.filter((name) => !isEarly(name))],
    leave: isOnlyAtReturn ? [] : late,
  }
}
