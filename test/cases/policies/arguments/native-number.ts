import { syscallNumber } from '@tetragon-ts/api'

/** The number of a system call on this machine, as an argument for the workload. */
export function nativeNumber(name: string): string {
  const number = syscallNumber(process.arch === 'arm64' ? 'arm64' : 'x64', name)
  if (number === undefined) throw new Error(`this machine has no system call ${name}`)
  return String(number)
}
