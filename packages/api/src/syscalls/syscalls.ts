import { numbersByAbi } from './numbers.ts'
import { prototypes } from './prototypes.ts'

/**
 * The system call interfaces of the 64-bit machines and of the 32-bit programs that run on them.
 */
export type SyscallAbi = keyof typeof numbersByAbi

/** A parameter of a system call, as the kernel declares it: `const char *`, `filename`. */
export interface SyscallParameter {
  readonly type: string
  readonly name: string
}

const namesByAbi = new Map<string, Map<number, string>>()
const numbersByName = new Map<string, Map<string, number>>()
let parametersByName: Map<string, readonly SyscallParameter[]> | undefined

function readNumbers(list: string): Map<number, string> {
  const names = new Map<number, string>()
  let next = 0
  for (const word of list.trim().split(/\s+/)) {
    if (/^\d+$/.test(word)) next = Number(word)
    else names.set(next++, word)
  }
  return names
}

function readParameter(text: string): SyscallParameter {
  const split = Math.max(text.lastIndexOf(' '), text.lastIndexOf('*')) + 1
  return { type: text.slice(0, split).trim(), name: text.slice(split) }
}

function readPrototypes(): Map<string, readonly SyscallParameter[]> {
  const calls = new Map<string, readonly SyscallParameter[]>()
  for (const line of prototypes.trim().split('\n')) {
    const split = line.indexOf(' ')
    const rest = line.slice(split + 1)
    calls.set(line.slice(0, split), rest === '-' ? [] : rest.split(', ').map(readParameter))
  }
  return calls
}

/** Whether `abi` is one that `syscallName` knows. */
export function isSyscallAbi(abi: string): abi is SyscallAbi {
  return Object.hasOwn(numbersByAbi, abi)
}

/** The name of system call `number`, such as `openat`; undefined if the ABI has no such call. */
export function syscallName(abi: SyscallAbi, number: number): string | undefined {
  return namesOf(abi).get(number)
}

/** The number of a system call by name; undefined if the ABI has no such call. */
export function syscallNumber(abi: SyscallAbi, name: string): number | undefined {
  let numbers = numbersByName.get(abi)
  if (numbers === undefined) {
    numbers = new Map([...namesOf(abi)].map(([number, known]) => [known, number]))
    numbersByName.set(abi, numbers)
  }
  return numbers.get(name)
}

/** The names of all system calls of an ABI, ordered by number. */
export function syscallNames(abi: SyscallAbi): readonly string[] {
  return [...namesOf(abi).values()]
}

function namesOf(abi: SyscallAbi): Map<number, string> {
  let names = namesByAbi.get(abi)
  if (names === undefined) {
    names = readNumbers(numbersByAbi[abi])
    namesByAbi.set(abi, names)
  }
  return names
}

/** The parameters of a system call; undefined if unknown. */
export function syscallParameters(name: string): readonly SyscallParameter[] | undefined {
  parametersByName ??= readPrototypes()
  return parametersByName.get(name)
}
