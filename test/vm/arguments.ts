import { availableParallelism } from 'node:os'
import type { ErrorCodeOf } from '../error-codes.ts'
import { builtKernel, matrixKernels } from './kernels.ts'
import { targetsHere } from './test-files.ts'

/** Options of `npm run test:vm`. */
export interface MatrixOptions {
  /** Targets of this machine and names of kernels, in run order. */
  readonly targets: readonly string[]
  /** Only test files whose path contains this. */
  readonly only?: string
  /** A kernel that is missing in the archive is a failure, not a skip. */
  readonly strict: boolean
  /** Every kernel runs all cases. */
  readonly full: boolean
  /** Maximum number of targets that run at the same time. */
  readonly jobs: number
}

/** The command line is invalid; the message says why. */
export class ArgumentError extends Error {
  readonly code: ErrorCodeOf<'ArgumentError'> = 'ARGUMENT'
  override readonly name = 'ArgumentError'
}

/**
 * Whether one kernel is tested beside this machine, as by `npm test`. Its virtual machine then has
 * work for as long as the tests of this machine take, if it has a processor to itself.
 */
function isOneBesideHost(targets: readonly string[]): boolean {
  const kernels = targets.filter((target) => !targetsHere.includes(target))
  return kernels.length === 1 && targets.includes('host')
}

/**
 * A virtual machine keeps a processor busy. With more machines than processors a guest may be
 * interrupted while it calibrates its clock, which then runs too fast.
 */
function defaultJobs(targets: readonly string[]): number {
  const processors = Math.min(4, availableParallelism())
  return isOneBesideHost(targets) ? Math.ceil(processors / 2) : processors
}

export const usage = `usage: npm run test:vm -- [unit] [host] [ci] [KERNEL...] [options]

Runs the kernel cases on this machine (host) and on Debian's kernels in virtual machines;
all kernels when nothing is named: ${matrixKernels.map((kernel) => kernel.name).join(', ')}.
"unit" runs the tests that need no kernel, ${builtKernel.name} is a kernel that "npm run build:kernel"
builds, and on which policies can replace the results of system calls. "ci" runs the tests of this
machine that are too slow for "npm test".

  --only TEXT   only test files whose path contains TEXT
  --full        run all cases on every kernel, also those that depend on no kernel
  --strict      fail when Debian's archive no longer carries a kernel
  --jobs N      virtual machines at once (default: one for each processor, 4 at most, and half as
                many for one kernel beside this machine)
  --help        this text`

/** Parses the command line; undefined for help. */
export function parseArguments(args: readonly string[]): MatrixOptions | undefined {
  const targets: string[] = []
  let only: string | undefined
  let strict = false
  let full = false
  let jobs: number | undefined
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help' || word === '-h') return undefined
    if (word === '--strict') strict = true
    else if (word === '--full') full = true
    else if (word === '--only') only = optionValue(word, rest)
    else if (word === '--jobs') jobs = parseCount(word, optionValue(word, rest))
    else if (isTarget(word)) targets.push(word)
    else throw new ArgumentError(`read arguments: unknown target or option "${word}"`)
  }
  const chosen = targets.length > 0 ? [...new Set(targets)] : matrixKernels.map(({ name }) => name)
  jobs ??= defaultJobs(chosen)
  return { targets: chosen, strict, full, jobs, ...(only === undefined ? {} : { only }) }
}

function isTarget(word: string): boolean {
  const kernels = [builtKernel.name, ...matrixKernels.map(({ name }) => name)]
  return [...targetsHere, ...kernels].includes(word)
}

function optionValue(option: string, rest: string[]): string {
  const value = rest.shift()
  if (value === undefined || value === '') {
    throw new ArgumentError(`read arguments: ${option} needs a value`)
  }
  return value
}

function parseCount(option: string, text: string): number {
  if (!/^[1-9]\d?$/.test(text)) {
    throw new ArgumentError(
      `read arguments: ${option} must be a number from 1 to 99, not "${text}"`,
    )
  }
  return Number(text)
}
