import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorCodeOf } from '../error-codes.ts'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { runProgram } from '../vm/run-program.ts'

const common = ['-static', '-O2', '-Wall', '-Wextra', '-Werror']

/**
 * The workloads, each a C file or a folder of them in this folder, and the compiler options of
 * each.
 */
const workloads = {
  /** Starts a program again and again: `exec-loop N PARALLEL PATH [ARGUMENT...]`. */
  'exec-loop': common,
  /** Executes a program in an unusual way: `exec-variants VARIANT PATH [ARGUMENT...]`. */
  'exec-variants': [...common, '-pthread'],
  /** Opens, reads and closes a file again and again: `file-loop N PATH`. */
  'file-loop': common,
  /** Does what policies hook again and again: `hook-loop COUNT OPERATION [PATH] [in-namespace]`. */
  'hook-loop': common,
  /** Exits at once: `noop [STATUS]`. */
  noop: [
    ...[...common, '-s', '-nostdlib', '-ffreestanding', '-fno-stack-protector'],
    ...['-fno-asynchronous-unwind-tables', '-Wl,--build-id=none', '-Wl,-z,noseparate-code'],
  ],
  /** Makes a system call that does next to nothing again and again: `syscall-loop N`. */
  'syscall-loop': common,
  /** Ends with many threads: `thread-ends WAY THREADS STATUS`. */
  'thread-ends': [...common, '-pthread'],
  /** Does what policies look for: `trigger COMMAND [WORD...] [-- COMMAND [WORD...]]...`. */
  trigger: [...common, '-pthread'],
} as const satisfies Record<string, readonly string[]>

export type WorkloadName = keyof typeof workloads

/** A workload cannot be built: the compiler is missing, or refuses it. */
export class WorkloadError extends Error {
  readonly code: ErrorCodeOf<'WorkloadError'> = 'WORKLOAD'
  override readonly name = 'WorkloadError'
}

/**
 * Path of a workload's program. Compiles it first when its source is newer. It is linked
 * statically, so that it runs unchanged in a virtual machine.
 */
export async function workload(name: WorkloadName): Promise<string> {
  const sources = await sourcesOf(name)
  const program = cachePath('workloads', name)
  const built = await stat(program).catch(() => undefined)
  const changed = Math.max(...(await Promise.all(sources.map(changeTime))))
  if (built !== undefined && built.mtimeMs >= changed) return program
  await mkdir(cachePath('workloads'), { recursive: true })
  // Compiled beside its place and moved there: others may be running or building it.
  const part = `${program}.${process.pid}.part`
  try {
    await compile(name, [...workloads[name], '-o', part, ...sources.filter(isCode)])
    await rename(part, program)
  } finally {
    await rm(part, { force: true })
  }
  return program
}

/** The files that a workload is made from: code and headers. */
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

/** Compiles every workload that is not up to date; guests cannot, for they may not write. */
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
