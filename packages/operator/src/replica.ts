import type { Status } from './endpoints/status.ts'
import type { LeaderElection } from './leader/leader-election.ts'
import type { Log } from './log.ts'
import type { Operator } from './operator.ts'

/** One of several operators, of which only the leader works. */
export class Replica {
  readonly #operator: Operator
  readonly #election: LeaderElection | undefined
  readonly #status: Status
  readonly #log: Log
  isLeader = false

  /** @param election undefined: this one always works */
  constructor(operator: Operator, election: LeaderElection | undefined, status: Status, log: Log) {
    this.#operator = operator
    this.#election = election
    this.#status = status
    this.#log = log
  }

  /** Runs until the signal. A leader that loses the Lease stops its work and waits for it again. */
  async run(end: AbortSignal): Promise<void> {
    if (this.#election === undefined) return this.#lead(end)
    while (!end.aborted) {
      const term = await this.#election.acquire(end)
      if (term === undefined) return
      this.#log.info('this replica is the leader')
      await this.#lead(term)
      this.#status.clear()
      if (end.aborted) await this.#release(this.#election)
      else this.#log.warning('this replica is not the leader any more')
    }
  }

  async #lead(term: AbortSignal): Promise<void> {
    this.isLeader = true
    await this.#operator.work(term)
    this.isLeader = false
  }

  async #release(election: LeaderElection): Promise<void> {
    try {
      await election.release()
    } catch (error) {
      const effect = 'another replica takes over when it has expired'
      this.#log.warning(`release the Lease: ${(error as Error).message}; ${effect}`)
    }
  }
}
