import type { KernelView, Refusal, RuledOut } from '@tetragon-ts/compiler'
import { VerifierError } from '@tetragon-ts/ebpf/programs'
import { bpfCommand, SystemCallError } from '@tetragon-ts/ebpf/sys'
import type { RefusedHook } from './loaded-policy.ts'

/**
 * Rules out what the kernel refused: for a program at many functions, only those that cannot be
 * traced, if known.
 * @returns whether something was not ruled out before
 */
export function ruleOut(
  { hook, cause }: RefusedHook,
  ruledOut: RuledOut,
  kernel: Pick<KernelView, 'traceable'>,
): boolean {
  const { planned, functions } = hook
  const { backend } = planned.plan
  const { traceable } = backend === 'kprobe.multi' && functions.length > 1 ? kernel : {}
  const untraceable = functions.filter(({ symbol }) => traceable && !traceable.has(symbol))
  const culprits = untraceable.length > 0 ? untraceable : functions
  const [reason] = cause.message.split('\n')
  const refusal = refusalOf(cause, reason)
  const news = culprits.map(({ symbol }) =>
    ruledOut.add(backend, planned.hook.path, symbol, refusal),
  )
  return news.includes(true)
}

function refusalOf(cause: Error, reason: string): Refusal {
  const isLoading = cause instanceof SystemCallError && cause.command === bpfCommand.progLoad
  const atLoad = cause instanceof VerifierError || isLoading
  return { by: 'kernel', reason, ...(atLoad ? { atLoad } : {}) }
}
