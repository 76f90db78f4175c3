import { nearest } from '@tetragon-ts/api/nearest'
import { enforcingCallerBackends, lsmBackend, lsmCallerBackends } from '../backends/lsm.ts'
import { described, type HookSection, withoutPrefix } from './section.ts'

/** The functions of the kernel's own security module, one for each hook: kernel/bpf/bpf_lsm.c. */
const prefix = 'bpf_lsm_'

/** lsmhooks: LSM hooks. */
export const lsmSection: HookSection = {
  event: 'process_lsm',
  nameField: 'hook',
  memory: 'kernel',
  backends: [lsmBackend, ...lsmCallerBackends],
  enforcingBackends: [lsmBackend, ...enforcingCallerBackends],
  targets: ({ call }) => [{ shown: call, symbol: `${prefix}${call}` }],
  exists: ({ symbol }, _, kernel) => kernel.btf.prototype(symbol) !== undefined,
  absence: ({ shown }) => `this kernel has no LSM hook ${shown}`,
  nearest: ({ shown }, kernel) =>
    nearest(shown, withoutPrefix(prefix, [...kernel.btf.functions()])),
  parameters: ({ call }, btf) => described(btf, btf.prototype(`${prefix}${call}`)?.params),
  resultType: () => undefined,
  head: (_, name) => ({ function_name: name }),
}
