import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '@tetragon-ts/archives'
import type { ErrorCodeOf } from '../error-codes.ts'
import { cachePath, repositoryRoot } from '../vm/repository.ts'

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
  /** Executes a program in an unusual way: `exec-variants VARIANT PATH [ARGUMENT...]`. */
  'exec-variants': [...common, '-pthread'],
  /** Opens, reads and closes a file repeatedly: `file-loop N PATH`. */
  'file-loop': common,
  /** Triggers hooks of policies repeatedly: `hook-loop COUNT OPERATION [PATH] [in-namespace]`. */
  'hook-loop': common,
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

/** A workload cannot be built: the compiler is missing, or fails. */
export class WorkloadError extends Error {
  readonly code: ErrorCodeOf<'WorkloadError'> = 'WORKLOAD'
  override readonly name = 'WorkloadError'
}

/**
 * Path of a workload's program, which is compiled if its source is newer. It is linked statically,
 * so that it runs in a virtual machine.
 */
export async function workload(name: WorkloadName): Promise<string> {
  const sources = await sourcesOf(name)
  const program = cachePath('workloads', name)
  const built = await stat(program).catch(() => undefined)
  const changed = Math.max(...(await Promise.all(sources.map(changeTime))))
  if (built !== undefined && built.mtimeMs >= changed) return program
  await mkdir(cachePath('workloads'), { recursive: true })
  // Compiled to a temporary file and renamed: other processes may be running or building it.
  const part = `${program}.${process.pid}.part`
  try {
    await compile(name, [...workloads[name], '-o', part, ...sources.filter(isCode)])
    await rename(part, program)
  } finally {
    await rm(part, { force: true })
  }
  return program
}

/** The source files of a workload: code and headers. */
async function sourcesOf(name: WorkloadName): Promise<string[]> {
  const place = join(repositoryRoot, 'test', 'workloads', name)
  const files = await readdir(place).catch(() => undefined)
  return files?.map((file) => join(place, file)) ?? [`${place}.c`]
}

function isCode(path: string): boolean {
  return path.endsWith('.c')
}

async function changeTime(path: string): Promise<number> {
  return (await stat(path)).mtimeMs
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
