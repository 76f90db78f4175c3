import { array, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import type { Action, Hook, Policy, PolicyOptions } from '@tetragon-ts/policy'
import { enforcementOf } from '../actions/index.ts'

/** The map with the policy's mode; undefined if it has no enforcing action. */
export function modeMap({ hooks, options }: Policy): MapSpec | undefined {
  if (!hooks.some((hook) => enforcingActionsOf(hook).length > 0)) return undefined
  return withContent(array('tg_mode', { value: u32 }), [[0, modeValue(options.mode)]]) as MapSpec
}

/** The value of a mode in the kernel. */
export function modeValue(mode: PolicyOptions['mode']): number {
  return mode === 'enforce' ? 1 : 0
}

/** The enforcing actions of a hook that programs carry out. */
export function enforcingActionsOf({ selectors }: Hook): readonly Action[] {
  const all = selectors.flatMap(({ actions, returnActions }) => [...actions, ...returnActions])
  return all.filter((action) => enforcementOf(action))
}
