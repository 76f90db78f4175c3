import { fileURLToPath } from 'node:url'
import { runInVm } from '@tetragon-ts/test/vm'
import { compileWorkloads } from '@tetragon-ts/test/workloads'
import type { BenchmarkContext } from '../benchmark.ts'
import { type GuestResults, marker } from './guest-results.ts'

const guest = fileURLToPath(new URL('./guest.js', import.meta.url))
const timeoutMs = 40 * 60_000

export interface GuestPlan {
  readonly rounds: number
  readonly execs: number
  readonly getpids: number
  /** Number of execs for the kernel's run statistics. */
  readonly hookExecs: number
  readonly icount: boolean
}

/**
 * Boots a machine like that of the reference (2 CPUs, 3 GiB) and measures in it.
 * @throws VmError
 */
export async function runGuest(context: BenchmarkContext, plan: GuestPlan): Promise<GuestResults> {
  const { rounds, execs, getpids, hookExecs, icount } = plan
  await compileWorkloads()
  const command = [process.execPath, guest, rounds, execs, getpids, hookExecs].map(String)
  const { exitCode, output } = await runInVm({
    ...{ kernel: context.kernel, command, icount, timeoutMs },
    cpus: 2,
    memoryMiB: 3072,
    onOutput: (text) => {
      for (const line of text.split('\n')) if (/^round/.test(line)) context.progress(line)
    },
  })
  const line = output.split('\n').find((text) => text.startsWith(marker))
  if (exitCode !== 0 || line === undefined) {
    throw new Error(`measure in kernel ${context.kernel}: exit code ${exitCode}: ${output}`)
  }
  return JSON.parse(line.slice(marker.length)) as GuestResults
}

/** Whether each round reported every start and end. */
export function completeness({ watched, execs }: GuestResults): string {
  const least = (name: 'execs' | 'exits'): number => Math.min(...watched.map((r) => r[name]))
  const losses = watched.flatMap((round) => round.losses)
  const complete = least('execs') === execs && least('exits') === execs && losses.length === 0
  const seen = `${least('execs')} exec and ${least('exits')} exit events of ${execs} each`
  return `${seen} in the worst round; ${complete ? 'nothing lost' : `LOST: ${losses.join('; ')}`}.`
}
