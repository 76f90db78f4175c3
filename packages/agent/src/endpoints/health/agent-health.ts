import type { HealthCheckResponse, HealthStatus } from '@tetragon-ts/api'
import type { ServedAgent } from '../endpoint.ts'

/** Status of a service. */
export type ServingStatus = Extract<HealthCheckResponse['status'], string>

/**
 * Services of the health service: the agent as a whole under two names, of which the second is
 * Tetragon's, and `readiness`, which is also not serving while policies of files are not in force.
 */
const serviceNames = ['', 'liveness', 'readiness'] as const
export type ServiceName = (typeof serviceNames)[number]

/** The status of each service. */
export type ServiceStatuses = Readonly<Record<ServiceName, ServingStatus>>

export function isServiceName(name: string): name is ServiceName {
  return serviceNames.some((known) => known === name)
}

/** The status of all services of an agent. */
export async function serviceStatuses(source: HealthSource): Promise<ServiceStatuses> {
  const { status } = await source.health()
  const agent: ServingStatus = status === 'HEALTH_STATUS_RUNNING' ? 'SERVING' : 'NOT_SERVING'
  const readiness = source.failedPolicies().length === 0 ? agent : 'NOT_SERVING'
  return { '': agent, liveness: agent, readiness }
}

/** Source of the agent's health. */
export interface HealthSource {
  health(): Promise<HealthStatus>
  /** Names of policies of files that are not in force: while there are any, it is not ready. */
  failedPolicies(): readonly string[]
}

/** Maximum number of names in a message. */
const namesMax = 5

/** Text for messages, after what works; empty if all policies are in force. */
export function withoutPolicies(failed: readonly string[]): string {
  if (failed.length === 0) return ''
  const more = failed.length > namesMax ? ` and ${failed.length - namesMax} more` : ''
  return `; policies not in force: ${failed.slice(0, namesMax).join(', ')}${more}`
}

/** A source that reports changes. */
export interface ChangingHealth extends HealthSource {
  onChange: () => void
}

/** The health of an agent: it is serving until it creates no more events. */
export class AgentHealth implements ChangingHealth {
  /** Called after a change. */
  onChange: () => void = () => {}
  readonly failedPolicies: () => readonly string[]
  #failure: string | undefined

  constructor(
    { ended }: Pick<ServedAgent, 'ended'>,
    failedPolicies: HealthSource['failedPolicies'] = () => [],
  ) {
    this.failedPolicies = failedPolicies
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
      const details = `running${withoutPolicies(this.failedPolicies())}`
      return { event, status: 'HEALTH_STATUS_RUNNING', details }
    }
    return { event, status: 'HEALTH_STATUS_ERROR', details: this.#failure }
  }
}
