import type { Argument, Hook } from '@tetragon-ts/policy'
import { argumentType } from '../arguments/index.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import { savedMax } from './calls.ts'
import type { ValueName } from './hook-record.ts'
import { UndecidedWord } from './undecided.ts'

/**
 * The arguments that are read again at a function's return if they were unreadable at its entry:
 * the function itself has loaded the page by then.
 * @param tested names of the values that selectors test
 * @param saved positions of the parameters that the return needs for this
 * @returns none if the return is not hooked, or the state does not fit
 */
export function rereadValues(
  hook: Hook,
  { leave, late = [] }: HookPlan,
  tested: ReadonlySet<ValueName>,
  saved: (values: readonly ValueName[]) => readonly number[],
): readonly ValueName[] {
  if (leave.length + late.length === 0) return []
  const all = hook.args.flatMap((argument, i) => (isRereadable(argument) ? [`a${i}` as const] : []))
  const needed = all.filter((name) => tested.has(name))
  if (needed.length === 0) return []
  const fits = (values: readonly ValueName[]): boolean =>
    new UndecidedWord(values.length, hook.selectors.length).fits && saved(values).length <= savedMax
  // Values that no selector tests are for the event.
  return [all, needed].find(fits) ?? []
}

function isRereadable({ type, source, resolve, returnCopy }: Argument): boolean {
  if (source !== undefined || resolve.length > 0 || returnCopy) return false
  return argumentType(type).readsUserMemory === true
}
