import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '@tetragon-ts/test/archives'
import type { ErrorCodeOf } from '../error-codes.ts'
import { cachePath, repositoryRoot } from '../vm/repository.ts'

export { compileManyFunctions } from './many-functions.ts'

const common = ['-static', '-O2', '-Wall', '-Wextra', '-Werror']

const withoutLibrary = [
  ...[...common, '-s', '-nostdlib', '-ffreestanding', '-fno-stack-protector'],
  ...['-fno-asynchronous-unwind-tables', '-Wl,--build-id=none', '-Wl,-z,noseparate-code'],
]

/** The workloads, each a C file or a folder of them in this folder, with their compiler options. */
const workloads = {
  /** Attempts what policies forbid: `attack OPERATION WAY ATTEMPTS WORKERS TARGET`. */
  attack: [...common, '-pthread'],
  /** Starts a program repeatedly: `exec-loop N PARALLEL PATH [ARGUMENT...]`. */
  'exec-loop': common,
  /** Starts processes in all ways, as fast as it can: `exec-storm`. */
  'exec-storm': [...common, '-pthread'],
  /** Executes a program in an unusual way: `exec-variants VARIANT PATH [ARGUMENT...]`. */
  'exec-variants': [...common, '-pthread'],
  /** Opens, reads and closes a file repeatedly: `file-loop N PATH`. */
  'file-loop': common,
  /** Triggers hooks of policies repeatedly: `hook-loop COUNT OPERATION [PATH] [in-namespace]`. */
  'hook-loop': common,
  /** Returns lists of addresses, and connects: `lookups COMMAND [WORD...] [-- COMMAND...]...`. */
  lookups: [...common, '-pthread'],
  /** Maps files to execute them: `mapper COMMAND [WORD...]...`. */
  mapper: [...common, '-pthread'],
  /** Writes a byte to the descriptor 3 with its first instructions. */
  marker: withoutLibrary,
  /** Changes mounts in a container: `mount-ways WAY FOLDER GROUP CAPABILITY`. */
  'mount-ways': common,
  /** Exits immediately: `noop [STATUS]`. */
  noop: withoutLibrary,
  /** Sends packets, and counts what leaves and arrives: `packets SENDER COUNT TO OVER DEVICE`. */
  packets: common,
  /** Writes a byte to the descriptor 3 if it has privileges, else to the descriptor 4. */
  privileged: common,
  /** Calls functions that uprobes are about: `probed COMMAND [WORD...] [-- COMMAND...]...`. */
  probed: [
    ...['-static', '-O1', '-gbtf', '-fno-omit-frame-pointer'],
    ...['-Wall', '-Wextra', '-Werror', '-Wl,--build-id=sha1'],
  ],
  /** Calls functions that policies override: `redirected COMMAND [WORD...] [-- COMMAND...]...`. */
  redirected: ['-O1', '-Wall', '-Wextra', '-Werror', '-pthread'],
  /** Hits static probes: `static-probes COMMAND [WORD...] [-- COMMAND...]...`. */
  'static-probes': ['-static-pie', '-O1', '-Wall', '-Wextra', '-Werror'],
  /** Makes a cheap system call repeatedly: `syscall-loop N`. */
  'syscall-loop': common,
  /** Ends with many threads: `thread-ends WAY THREADS STATUS`. */
  'thread-ends': [...common, '-pthread'],
  /** Traces a program and all that it starts: `traced PROGRAM [ARGUMENT...]`. */
  traced: common,
  /** Triggers policies: `trigger COMMAND [WORD...] [-- COMMAND [WORD...]]...`. */
  trigger: [...common, '-pthread'],
} as const satisfies Record<string, readonly string[]>

export type WorkloadName = keyof typeof workloads

const folderOfSources = join(repositoryRoot, 'test', 'workloads')
/** Headers that several workloads use. */
const commonHeaders = ['absent-page.h', 'commands.h'].map((name) => join(folderOfSources, name))

/** A workload cannot be built: the compiler is missing, or fails. */
export class WorkloadError extends Error {
  readonly code: ErrorCodeOf<'WorkloadError'> = 'WORKLOAD'
  override readonly name = 'WorkloadError'
}

/**
 * Path of a workload's program. It is compiled unless that was done with the same sources and
 * options. It is linked statically, so that it runs in a virtual machine.
 */
export async function workload(name: WorkloadName): Promise<string> {
  const sources = await sourcesOf(name)
  const options = workloads[name]
  const folder = cachePath('workloads', await digestOf(options, sources))
  const program = join(folder, name)
  if (await stat(program).catch(() => undefined)) return program
  await mkdir(folder, { recursive: true })
  // Compiled to a temporary file and renamed: other processes may be building it.
  const part = `${program}.${process.pid}.part`
  try {
    await compile(name, [...options, '-o', part, ...sources.filter(isCode)])
    await rename(part, program)
  } finally {
    await rm(part, { force: true })
  }
  return program
}

async function digestOf(options: readonly string[], sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(options.join(' '))
  for (const source of [...sources, ...commonHeaders]) hash.update(await readFile(source))
  return hash.digest('hex').slice(0, 16)
}

/**
 * A copy of a workload's program in a folder, for tests that probe it. In a file that others probe
 * as well, their hits count, their breakpoints show, and the kernel refuses an instruction that
 * one of them has with a counter and the other without.
 */
export async function ownWorkload(name: WorkloadName, folder: string): Promise<string> {
  const path = join(folder, name)
  await copyFile(await workload(name), path)
  return path
}

/** The source files of a workload: code and headers. */
async function sourcesOf(name: WorkloadName): Promise<string[]> {
  const place = join(folderOfSources, name)
  const files = await readdir(place).catch(() => undefined)
  return files?.map((file) => join(place, file)) ?? [`${place}.c`]
}

function isCode(path: string): boolean {
  return path.endsWith('.c')
}

/** Compiles all outdated workloads; guests cannot, because they cannot write. */
export async function compileWorkloads(): Promise<void> {
  await Promise.all((Object.keys(workloads) as WorkloadName[]).map(workload))
}

async function compile(name: WorkloadName, args: readonly string[]): Promise<void> {
  const result = await runProgram('cc', args).catch((error: Error) => {
    const hint = 'install a C compiler and the static C library (Debian: gcc libc6-dev)'
    throw new WorkloadError(`compile workload ${name}: ${error.message}; ${hint}`)
  })
  if (result.exitCode !== 0) {
    throw new WorkloadError(`compile workload ${name}: ${result.stderr.trim()}`)
  }
}
