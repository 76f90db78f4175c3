import { isSyscallAbi, type SyscallAbi, syscallNames, syscallNumber } from '@tetragon-ts/api'
import { processors } from '@tetragon-ts/ebpf/processors'
import type { NamedList } from '@tetragon-ts/policy'

/** Bit of system call numbers of 32-bit programs. */
const compatBit = 0x8000_0000n

const nativeAbi: SyscallAbi = processors === 'arm64' ? 'arm64' : 'x64'
const compatAbi: SyscallAbi = processors === 'arm64' ? 'arm32' : 'i386'

const symbolAbis: readonly (readonly [string, SyscallAbi])[] = [
  ['__x64_', 'x64'],
  ['__ia32_', 'i386'],
  ['__arm64_', 'arm64'],
]

/** A system call in a list: `sys_read`, `__x64_sys_read`, `i386/sys_read`. */
export interface ListedSyscall {
  readonly abi: SyscallAbi
  readonly name: string
}

/** Parses a name in a list of system calls. */
export function listedSyscall(text: string): ListedSyscall {
  const slash = text.indexOf('/')
  const prefix = text.slice(0, Math.max(slash, 0))
  const rest = text.slice(slash + 1)
  const bySymbol = symbolAbis.find(([start]) => rest.startsWith(start))
  const name = (bySymbol ? rest.slice(bySymbol[0].length) : rest).replace(/^sys_/, '')
  if (isSyscallAbi(prefix)) return { abi: prefix, name }
  return { abi: bySymbol?.[1] ?? nativeAbi, name }
}

/**
 * The number of a system call as in arguments of type `syscall64`; undefined for a nonexistent one.
 * Calls of other machines' ABIs have none here.
 */
export function listedNumber({ abi, name }: ListedSyscall): bigint | undefined {
  if (abi !== nativeAbi && abi !== compatAbi) return undefined
  const number = syscallNumber(abi, name)
  if (number === undefined) return undefined
  return abi === compatAbi ? BigInt(number) | compatBit : BigInt(number)
}

/** The numbers of a list's system calls; for a generated list, all of this machine. */
export function syscallNumbers({ type, values }: NamedList): bigint[] {
  if (type === 'generated_syscalls') {
    return syscallNames(nativeAbi).flatMap((name) => listedNumber({ abi: nativeAbi, name }) ?? [])
  }
  return values.flatMap((value) => listedNumber(listedSyscall(value)) ?? [])
}
