import type { HealthStatus } from '@tetragon-ts/api'
import type { ServedAgent } from '../endpoint.ts'

/** Source of the agent's health. */
export interface HealthSource {
  health(): Promise<HealthStatus>
}

/** The health of an agent: it is serving until it creates no more events. */
export class AgentHealth implements HealthSource {
  #failure: string | undefined

  constructor({ ended }: Pick<ServedAgent, 'ended'>) {
    ended.then(
      (how) => {
        this.#failure = how
      },
      (error: Error) => {
        this.#failure = error.message
      },
    )
  }

  async health(): Promise<HealthStatus> {
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    if (this.#failure === undefined) {
      return { event, status: 'HEALTH_STATUS_RUNNING', details: 'running' }
    }
    return { event, status: 'HEALTH_STATUS_ERROR', details: this.#failure }
  }
}
