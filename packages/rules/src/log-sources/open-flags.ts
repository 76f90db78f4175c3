import type { KprobeArgument } from '@tetragon-ts/api'
import { firstNumber, pathOf } from './hook-call.ts'

/** Flags of open(2) that decide what an open is (include/uapi/asm-generic/fcntl.h). */
const accessMode = 0o3
const create = 0o100
export const truncate = 0o1000

/** Flags of which an open for writing has one, for the kernel. */
export const writingFlags = String(accessMode | create | truncate)

/** Whether an open can create or change the file. */
export function opensForWriting(flags: number): boolean {
  return (flags & (accessMode | create | truncate)) !== 0
}

/** The flags of open and openat: the first number after the path. */
export function flagsOfOpen(args: readonly KprobeArgument[]): number | undefined {
  return firstNumber(args, args.findIndex((argument) => pathOf(argument) !== undefined) + 1)
}

/** Bits of the mask of `security_file_permission` (include/linux/fs.h). */
export const mayWrite = 2
export const mayRead = 4
