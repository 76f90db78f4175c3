import type { HealthStatus } from '@tetragon-ts/api'
import type { ServedAgent } from '../endpoint.ts'

/** Whoever knows how the agent is. */
export interface HealthSource {
  health(): Promise<HealthStatus>
}

/** The health of an agent: it runs until it makes no more events. */
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
