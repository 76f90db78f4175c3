import { attachType, programType } from '../../asm/index.ts'
import type { Hook } from './hook.ts'
import { kprobe, kretprobe } from './kprobe.ts'

export interface KprobeMultiHookOptions {
  /** For each function the value that bpf_get_attach_cookie returns. */
  readonly cookies?: readonly bigint[]
}

/**
 * Where kernel functions start, through ftrace: one program for all of them. Pointers are read with
 * probe reads; their types are those of the first function. Kernel 5.18.
 */
export function kprobeMulti<A extends readonly unknown[]>(
  symbols: readonly [string, ...string[]],
  { cookies = [] }: KprobeMultiHookOptions = {},
): Hook<A> {
  return {
    ...kprobe<A>(symbols[0]),
    ...multi('kprobe.multi', symbols),
    attachment: { at: 'kprobe.multi', symbols, cookies, atReturn: false },
  }
}

/** Where kernel functions return, with the result. Kernel 5.18. */
export function kretprobeMulti(
  symbols: readonly [string, ...string[]],
  { cookies = [] }: KprobeMultiHookOptions = {},
): ReturnType<typeof kretprobe> {
  return {
    ...kretprobe(symbols[0]),
    ...multi('kretprobe.multi', symbols),
    attachment: { at: 'kprobe.multi', symbols, cookies, atReturn: true },
  }
}

function multi(
  kind: string,
  symbols: readonly string[],
): Pick<Hook, 'kind' | 'target' | 'resolve'> {
  return {
    kind,
    target: symbols.length === 1 ? symbols[0] : `${symbols[0]} and ${symbols.length - 1} more`,
    resolve: () => ({ programType: programType.kprobe, attachType: attachType.traceKprobeMulti }),
  }
}
