import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { workload } from '@tetragon-ts/test/workloads'

const run = promisify(execFile)

export interface ExecRun {
  /** Wall time of one vfork + execve + exit. */
  readonly wallUs: number
  /** CPU time of one, of the loop and its children. */
  readonly cpuUs: number
}

/**
 * Starts a program that exits immediately `count` times, from `parallel` workers.
 * @param cpu the only CPU of the loop; any CPU if absent
 */
export async function execLoop(count: number, parallel: number, cpu?: number): Promise<ExecRun> {
  const loop = await workload('exec-loop')
  const args = [String(count), String(parallel), await workload('noop')]
  const { stdout } = await (cpu === undefined
    ? run(loop, args)
    : run('taskset', ['-c', String(cpu), loop, ...args]))
  const { meanUs, userUs, systemUs, failed } = JSON.parse(stdout) as Record<string, number>
  if (failed > 0) throw new Error(`run exec-loop: ${failed} of ${count} programs failed`)
  return { wallUs: meanUs, cpuUs: (userUs + systemUs) / count }
}

/** Calls getpid `count` times. @returns nanoseconds of one call */
export async function getpidLoop(count: number): Promise<number> {
  const { stdout } = await run(await workload('syscall-loop'), [String(count)])
  return (JSON.parse(stdout) as { nsPerCall: number }).nsPerCall
}
