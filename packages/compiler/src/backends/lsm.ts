import { lsm, type Ptr } from '@tetragon-ts/ebpf/lang'
import { lsmCallers } from '@tetragon-ts/policy'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { type Raw, untrusted } from '../hook/hit.ts'
import { byKernel, byPolicy, isRefusal, type Refusal } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type HookPlan, positions } from '../hook-plans/hook-plan.ts'
import { type HookTarget, namesOf } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { equivalentBackend } from './equivalents/index.ts'
import { fentryBackend } from './fentry.ts'
import { kprobeBackend, kprobeMultiBackend } from './kprobe.ts'

/** LSM hooks, as a security module. */
export const lsmBackend: Backend = {
  name: 'lsm',
  plan(target, kernel) {
    if (target.section !== 'lsmhooks') return byPolicy('only for LSM hooks')
    const refused = kernel.refuses('lsm')
    if (refused) return refused
    const [{ shown, symbol }] = target.functions
    const count = kernel.btf.prototype(symbol)?.params.length
    if (count === undefined) return byKernel(`no function ${symbol} in the kernel's types`)
    return {
      backend: 'lsm',
      why: 'a program of the security module bpf',
      enter: [
        {
          hook: lsm(shown, { sleepable: target.sleepable }),
          hit: (k, args) => ({
            k,
            task: currentTask(k),
            functionIndex: 0,
            parameter: (at) => (at < count ? untrusted(k, args[at] as Raw) : undefined),
            trusted: (at) => args[at] as Ptr<object>,
          }),
        },
      ],
      leave: [],
      parameters: positions(count),
      sleepable: target.sleepable,
      functionNames: namesOf(target),
    }
  },
}

const [fentryAtCaller, multiAtCaller, kprobeAtCaller, equivalentAtCaller] = [
  ...[fentryBackend, kprobeMultiBackend, kprobeBackend, equivalentBackend],
].map((backend): Backend => {
  const name = `${backend.name} at the caller`
  return { name, plan: (target, kernel) => planCaller(backend, target, kernel, name) }
})

/** The function `security_…` that calls all modules, with the back ends for functions. */
export const lsmCallerBackends: readonly Backend[] = [
  ...[fentryAtCaller, multiAtCaller, kprobeAtCaller, equivalentAtCaller],
]

/** The same for hooks that enforce: see `HookSection.enforcingBackends`. */
export const enforcingCallerBackends: readonly Backend[] = [
  ...[multiAtCaller, kprobeAtCaller, fentryAtCaller, equivalentAtCaller],
]

/**
 * Plans with a back end for functions at the function that calls an LSM hook.
 * @param name that of the back end which plans, and by which it is ruled out
 */
export function planCaller(
  backend: Backend,
  target: HookTarget,
  kernel: KernelView,
  name = backend.name,
): HookPlan | Refusal {
  if (target.section !== 'lsmhooks') return byPolicy('only for LSM hooks')
  if (target.exact) return byPolicy('the policy requires the hook itself (option exact-hooks)')
  const [{ shown, symbol }] = target.functions
  const caller = callerOf(shown, kernel)
  const own = kernel.btf.prototype(symbol)
  const callers = kernel.btf.prototype(caller)
  if (!callers) return byKernel(`no function ${caller} in the kernel's types`)
  if (own && own.params.length !== callers.params.length) {
    return byKernel(`${caller} has other parameters than the hook`)
  }
  const asFunction: HookTarget = {
    ...target,
    section: 'kprobes',
    functions: [{ shown, symbol: caller }],
  }
  const plan = backend.plan(asFunction, kernel)
  if (isRefusal(plan)) return plan
  const difference =
    plan.difference === undefined ? callerDifference(caller) : `as ${caller}: ${plan.difference}`
  return { ...plan, backend: name, difference }
}

function callerDifference(caller: string): string {
  return `seen in ${caller}, before all security modules: includes what another module refuses`
}

/** The LSM hook that a function `security_…` calls with its own parameters; undefined if none. */
export function hookOf(symbol: string, { btf }: KernelView): string | undefined {
  if (!symbol.startsWith('security_')) return undefined
  const name = symbol.slice('security_'.length)
  const renamed = Object.keys(lsmCallers).filter((hook) => lsmCallers[hook] === symbol)
  const types = (each: string): string | undefined =>
    btf
      .prototype(each)
      ?.params.map(({ typeId }) => btf.describe(typeId).replaceAll('const ', ''))
      .join()
  return [...renamed, name, `${name}_security`].find((hook) => {
    const parameters = types(`bpf_lsm_${hook}`)
    return parameters !== undefined && parameters === types(symbol)
  })
}

/** Most hooks that end with `_security` have it only in the prefix of the caller. */
function callerOf(hook: string, { btf }: KernelView): string {
  const full = `security_${hook}`
  return lsmCallers[hook] ?? (btf.prototype(full) ? full : full.replace(/_security$/, ''))
}
