import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Hook } from '@tetragon-ts/policy'
import { actionCode } from '../actions/index.ts'
import { argumentOf, type ValueName } from './hook-record.ts'
import { lengthIndex } from './parameter-types.ts'

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
