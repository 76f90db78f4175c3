import type { HeldProgram } from '../kernel-objects.ts'
import type { ExecRun } from '../loops.ts'

/** Prefix of the line with the guest's results. */
export const marker = 'results: '

/** One round without the agent. */
export interface PlainRound {
  readonly exec: ExecRun
  readonly getpidNs: number
}

/** One round with the agent. */
export interface WatchedRound extends PlainRound {
  /** CPU time of the agent per exec. */
  readonly agentUs: number
  /** The same for the first execs after its start, while its code is being compiled. */
  readonly coldUs: number
  readonly firstEventMs: number
  readonly readyMs: number
  readonly residentBytes: number
  readonly residentLaterBytes: number
  readonly mapBytes: number
  readonly programs: readonly HeldProgram[]
  /** Exec and exit events of the program that was started. */
  readonly execs: number
  readonly exits: number
  readonly losses: readonly string[]
}

export interface HookCost {
  readonly name: string
  readonly nsPerHit: number
}

/** Results of the guest. */
export interface GuestResults {
  /** Number of execs of each round with the agent. */
  readonly execs: number
  readonly without: PlainRound[]
  readonly watched: WatchedRound[]
  readonly hooks: HookCost[]
}
