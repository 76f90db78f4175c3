import type { KernelProgram, WatchProgramsResponse } from '@tetragon-ts/api'
import type { Answer } from '../page/call.ts'

/** What a kernel program of a policy did between two responses. */
export interface ProgramCost {
  readonly node: string
  /** The policy, as the agent names it. */
  readonly policy: string
  readonly name: string
  /** Runs per second. */
  readonly rate: number
  /** Nanoseconds; undefined without a run. */
  readonly perRun: number | undefined
}

/** Compares the programs of agents that have answered before and after. */
export function programCosts(rounds: readonly Answer<WatchProgramsResponse>[][]): ProgramCost[] {
  const [first = [], second = []] = rounds
  return second.flatMap(({ node, response }) => {
    const before = first.find((each) => each.node === node)?.response
    if (before === undefined || response === undefined) return []
    const known = new Map(before.programs?.map((program) => [program.id, program]))
    const seconds = Number(response.elapsed?.replace(/s$/, '') ?? 1)
    const programs = (response.programs ?? []).filter(({ policy = '' }) => policy !== '')
    return programs.map((program) => costOf(node, program, known.get(program.id), seconds))
  })
}

function costOf(
  node: string,
  program: KernelProgram,
  before: KernelProgram | undefined,
  seconds: number,
): ProgramCost {
  const since = (name: 'run_count' | 'run_time_ns'): number =>
    Number(BigInt(program[name] ?? 0) - BigInt(before?.[name] ?? 0))
  const runs = since('run_count')
  const { policy = '', name = '' } = program
  const perRun = runs === 0 ? undefined : since('run_time_ns') / runs
  return { node, policy, name, rate: runs / seconds, perRun }
}
