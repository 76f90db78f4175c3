import { machineAbi } from '#platform'
import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import {
  isSyscallAbi,
  type SyscallAbi,
  type SyscallParameter,
  syscallName,
  syscallParameters,
} from '../syscalls/syscalls.ts'
import { argumentInteger } from './argument.ts'

/** The ABI that is not shown: that of the printer's machine. */
const defaultAbi: SyscallAbi = machineAbi

function formatValue(type: string, value: string): string {
  const bits = BigInt(value)
  if (type.endsWith('*') || type.endsWith('ptr_t'))
    return `0x${BigInt.asUintN(64, bits).toString(16)}`
  // Registers have 64 bits; of a 32-bit parameter only the lower half counts.
  if (type === 'int') return BigInt.asIntN(32, bits).toString()
  if (type === 'unsigned int' || type === 'u32') return BigInt.asUintN(32, bits).toString()
  return value
}

function formatParameter(parameter: SyscallParameter, arg: KprobeArgument | undefined): string {
  const { type, name } = parameter
  const value = argumentInteger(arg)
  return `${type} ${name}=${value === undefined ? '?' : formatValue(type, value)}`
}

/**
 * Formats a system call from the arguments of raw_syscalls:sys_enter, number first, as
 * `close(unsigned int fd=3)`: pointers in hexadecimal, other values in decimal, `?` for unrecorded
 * values. Calls of another ABI are prefixed with its name (`i386/close(…)`); a number without a
 * name is `unknown`.
 */
export function formatSyscall(args: readonly KprobeArgument[]): string {
  const first = args[0]
  const abi = first?.syscall_id?.abi || defaultAbi
  const number =
    first?.syscall_id === undefined ? argumentInteger(first) : (first.syscall_id.id ?? 0)
  const known =
    number !== undefined && isSyscallAbi(abi) ? syscallName(abi, Number(number)) : undefined
  const prefix = abi === defaultAbi ? '' : `${abi}/`
  if (known === undefined) return `${prefix}unknown`
  const parameters = syscallParameters(known)
  if (parameters === undefined) return `${prefix}${known}`
  const written = parameters.map((parameter, i) => formatParameter(parameter, args[i + 1]))
  return `${prefix}${known}(${written.join(', ')})`
}
