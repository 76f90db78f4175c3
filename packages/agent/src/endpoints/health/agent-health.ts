import type { HealthStatus } from '@tetragon-ts/api'
import type { ServedAgent } from '../endpoint.ts'

/** Names of the agent as a whole in the health service; the second one is Tetragon's. */
export const healthServices: ReadonlySet<string> = new Set(['', 'liveness'])

/** Source of the agent's health. */
export interface HealthSource {
  health(): Promise<HealthStatus>
}

/** A source that reports changes. */
export interface ChangingHealth extends HealthSource {
  onChange: () => void
}

/** The health of an agent: it is serving until it creates no more events. */
export class AgentHealth implements ChangingHealth {
  /** Called after a change. */
  onChange: () => void = () => {}
  #failure: string | undefined

  constructor({ ended }: Pick<ServedAgent, 'ended'>) {
    ended.then(
      (how) => this.#fail(how),
      (error: Error) => this.#fail(error.message),
    )
  }

  #fail(failure: string): void {
    this.#failure = failure
    this.onChange()
  }

  async health(): Promise<HealthStatus> {
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    if (this.#failure === undefined) {
      return { event, status: 'HEALTH_STATUS_RUNNING', details: 'running' }
    }
    return { event, status: 'HEALTH_STATUS_ERROR', details: this.#failure }
  }
}
