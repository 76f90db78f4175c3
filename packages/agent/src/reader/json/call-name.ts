import { type SyscallAbi, syscallName } from '@tetragon-ts/api'

const bit32 = 2 ** 31

const abis: readonly [SyscallAbi, SyscallAbi] =
  process.arch === 'arm64' ? ['arm64', 'arm32'] : ['x64', 'i386']

/** Name of a system call; bit 31 marks those of 32-bit programs. */
export function callName(number: number): string {
  const is32 = number >= bit32
  const id = is32 ? number - bit32 : number
  return `sys_${syscallName(abis[is32 ? 1 : 0], id) ?? id}`
}
