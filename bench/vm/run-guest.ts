import { fileURLToPath } from 'node:url'
import type { BenchmarkContext } from '../benchmark.ts'
import { type GuestResults, marker } from './guest-results.ts'
import { measureInVm } from './measure-in-vm.ts'

const guest = fileURLToPath(new URL('./guest.js', import.meta.url))

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
export function runGuest(context: BenchmarkContext, plan: GuestPlan): Promise<GuestResults> {
  const { rounds, execs, getpids, hookExecs, icount } = plan
  return measureInVm(context, {
    script: guest,
    args: [rounds, execs, getpids, hookExecs],
    marker,
    icount,
  })
}

/** Whether each round reported every start and end. */
export function completeness({ watched, execs }: GuestResults): string {
  const least = (name: 'execs' | 'exits'): number => Math.min(...watched.map((r) => r[name]))
  const losses = watched.flatMap((round) => round.losses)
  const complete = least('execs') === execs && least('exits') === execs && losses.length === 0
  const seen = `${least('execs')} exec and ${least('exits')} exit events of ${execs} each`
  return `${seen} in the worst round; ${complete ? 'nothing lost' : `LOST: ${losses.join('; ')}`}.`
}
