import { isSyscallAbi, type KprobeArgument, syscallName } from '@tetragon-ts/api'
import type { NamedList } from '../model/index.ts'
import type { Truth } from './truth.ts'

/** `sys_read`, `__x64_sys_read`, `i386/sys_read`. */
const written = /^(?:(\w+)\/|__(\w+?)_)?(?:sys_)?(\w+)$/
const of32Bit = /^(?:i386|ia32\w*|arm32)$/

/** Whether a system call is in one of these lists. */
export function syscallLists(
  lists: readonly NamedList[],
): (value: Pick<KprobeArgument, 'syscall_id'>) => Truth {
  const isAll = lists.some(({ type }) => type === 'generated_syscalls')
  const names = new Set(lists.flatMap(({ values }) => values.map(normalName)))
  return ({ syscall_id }) => {
    const { id = 0, abi = '' } = syscall_id ?? {}
    if (!isSyscallAbi(abi)) return undefined
    const name = syscallName(abi, id)
    const is32 = of32Bit.test(abi)
    return names.has(nameOf(name ?? '', is32)) || (isAll && !is32 && name !== undefined)
  }
}

function normalName(text: string): string {
  const [, abi, symbolAbi, name = text] = written.exec(text) ?? []
  return nameOf(name, of32Bit.test(abi ?? symbolAbi ?? ''))
}

function nameOf(name: string, is32: boolean): string {
  return is32 ? `32-bit ${name}` : name
}
