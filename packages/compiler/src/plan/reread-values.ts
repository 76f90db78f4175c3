import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Argument, Hook } from '@tetragon-ts/policy'
import { actionCode } from '../actions/index.ts'
import { argumentType } from '../arguments/index.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import { savedMax } from './calls.ts'
import { argumentOf, type ValueName } from './hook-description.ts'
import { lengthIndex } from './parameter-types.ts'
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
  const { readsUserMemory, parameter } = argumentType(type)
  return readsUserMemory === true && parameter === undefined
}

/**
 * Positions of the parameters that the entry saves, because they are read at the function's return.
 * @param rereads values that are read again there
 */
export function savedParameters(
  hook: Hook,
  rereads: readonly ValueName[],
  btf: Btf,
): readonly number[] {
  const { args, selectors } = hook
  const copied = args.filter(({ returnCopy }) => returnCopy)
  const used = selectors.flatMap(({ actions, returnActions }) =>
    [...(rereads.length > 0 ? actions : []), ...returnActions].flatMap(
      (action) => actionCode(action)?.uses(action, hook) ?? [],
    ),
  )
  const again = rereads.map((name) => argumentOf(hook, name))
  const read = [...copied, ...used.map((position) => args[position]), ...again]
  const positions = read.flatMap((argument) => [
    argument.index,
    lengthIndex(btf, hook, argument) ?? argument.index,
  ])
  return [...new Set(positions)]
}
