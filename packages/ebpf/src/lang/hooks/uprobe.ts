import { attachUprobe, attachUprobeMulti, type Link } from '../../links/index.ts'
import { attachType, type LoadedProgram, programFlag, programType } from '../../programs/index.ts'
import { EbpfError } from '../../sys/index.ts'
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

/** A file of user space. */
export interface UserFilePath {
  /** By which the kernel opens it, such as `/proc/self/fd/5`. */
  readonly path: string
  /** In messages. */
  readonly shown: string
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

/** A hook in user space: its programs can be attached to any number of files. */
export interface UserHook<A extends readonly unknown[] = readonly unknown[]> extends Hook<A> {
  /**
   * @throws SystemCallError, EbpfError EBPF_NO_EVENT_SOURCE, EBPF_COUNTER_OFFSET; then nothing
   * stays attached
   */
  attachTo(program: LoadedProgram, file: UserFilePath, places: readonly UserPlace[]): Link[]
}

/**
 * Where a function of user space starts, or any of its instructions. The arguments are the
 * registers that hold the first parameters of a function. Kernel 4.17.
 */
export function uprobe(options: UprobeHookOptions = {}): UserHook<readonly Int[]> {
  return userHook(kprobe<readonly Int[]>(''), 'uprobe', options)
}

/** Where a function of user space returns, with its result. Kernel 4.17. */
export function uretprobe(options: UprobeHookOptions = {}): UserHook<[result: Int]> {
  return userHook(kretprobe(''), 'uretprobe', options)
}

/** Whether a hook is one of user space. */
export function isUserHook(hook: Hook): hook is UserHook {
  return 'attachTo' in hook
}

function userHook<A extends readonly unknown[]>(
  base: Hook<A>,
  name: 'uprobe' | 'uretprobe',
  { multi = false, sleepable = false }: UprobeHookOptions,
): UserHook<A> {
  const atReturn = name === 'uretprobe'
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
    attach({ name }) {
      throw new EbpfError('EBPF_NO_HOOK', `attach ${name}: it is attached to files`)
    },
    attachTo(program, file, places) {
      if (multi) return [attachToAll(program, file, places, atReturn)]
      const links: Link[] = []
      try {
        for (const { offset, counterOffset, cookie } of places) {
          const options = { atReturn, counterOffset, cookie, shown: file.shown }
          links.push(attachUprobe(program, file.path, offset, options))
        }
      } catch (error) {
        for (const link of links) link.close()
        throw error
      }
      return links
    },
  }
}

function attachToAll(
  program: LoadedProgram,
  { path, shown }: UserFilePath,
  places: readonly UserPlace[],
  atReturn: boolean,
): Link {
  return attachUprobeMulti(program, path, {
    offsets: places.map(({ offset }) => offset),
    cookies: places.flatMap(({ cookie }) => cookie ?? []),
    counterOffsets: places.map(({ counterOffset = 0 }) => counterOffset),
    atReturn,
    shown,
  })
}
