import { attachType, programFlag, programType } from '../../asm/index.ts'
import type { Int } from '../int.ts'
import type { Hook } from './hook.ts'
import { kprobe, kretprobe } from './kprobe.ts'
import { keepOwnStack } from './own-stack.ts'

/** An instruction of a file. */
export interface UserPlace {
  /** Offset in the file. */
  readonly offset: number
  /** Offset of a counter that the kernel keeps above 0 while the program is attached. */
  readonly counterOffset?: number | undefined
  /** Value that bpf_get_attach_cookie returns. Kernel 5.15, with `multi` 6.6. */
  readonly cookie?: bigint | undefined
}

export interface UprobeHookOptions {
  /** One link for all places of a file (uprobe.multi). Kernel 6.6. */
  readonly multi?: boolean
  /**
   * Programs may call helpers that wait, such as `copy_from_user`. Kernel 6.0; without `multi` and
   * before 6.10, a program that waits blocks other uprobes of its CPU.
   */
  readonly sleepable?: boolean
}

/**
 * Where a function of user space starts, or any of its instructions. The arguments are the
 * registers that hold the first parameters of a function. Kernel 4.17.
 */
export function uprobe(options: UprobeHookOptions = {}): Hook<readonly Int[]> {
  return userHook(kprobe<readonly Int[]>(''), 'uprobe', options)
}

/** Where a function of user space returns, with its result. Kernel 4.17. */
export function uretprobe(options: UprobeHookOptions = {}): Hook<[result: Int]> {
  return userHook(kretprobe(''), 'uretprobe', options)
}

function userHook<A extends readonly unknown[]>(
  base: Hook<A>,
  name: 'uprobe' | 'uretprobe',
  { multi = false, sleepable = false }: UprobeHookOptions,
): Hook<A> {
  return {
    ...base,
    kind: multi ? `${name}.multi` : name,
    target: 'files',
    resolve: () => ({
      programType: programType.kprobe,
      ...(multi ? { attachType: attachType.traceUprobeMulti } : {}),
      ...(sleepable ? { flags: programFlag.sleepable } : {}),
    }),
    arguments(builder, btf) {
      keepOwnStack(builder)
      return base.arguments(builder, btf)
    },
    attachment: { at: 'files', multi, atReturn: name === 'uretprobe' },
  }
}
