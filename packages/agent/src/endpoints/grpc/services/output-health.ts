import type { HealthStatus } from '@tetragon-ts/api'
import type { OutputStatus } from '@tetragon-ts/outputs'
import type { MetricOutputStatus } from '@tetragon-ts/outputs/metrics'
import { sumOf } from '@tetragon-ts/outputs/queue'

/**
 * The outputs among the statuses of the agent. The agent works without their receivers: restarting
 * it would not help, so that a failing output is in the text only.
 */
export function outputHealth(
  outputs: readonly OutputStatus[],
  metricOutputs: readonly MetricOutputStatus[] = [],
): HealthStatus[] {
  const texts = [
    ...outputs.map((output) => `output ${output.name}: ${state(output)}`),
    ...metricOutputs.map((output) => `metrics output ${output.name}: ${metricState(output)}`),
  ]
  const event = 'HEALTH_STATUS_TYPE_STATUS'
  return texts.map((details) => ({ event, status: 'HEALTH_STATUS_RUNNING', details }))
}

function state({ retried, lost, guarantee, queued, lag, ...output }: OutputStatus): string {
  const parts = [
    direction(output),
    guarantee,
    counts(output),
    `${retried} retried`,
    `${sumOf(lost)} lost`,
    `${queued} queued`,
  ]
  if (queued > 0) parts.push(`${(lag / 1000).toFixed(1)} s behind`)
  if (output.storeFailure !== undefined) parts.push(`the spool fails (${output.storeFailure})`)
  return parts.join(', ')
}

function metricState({ failed, lastSuccess, ...output }: MetricOutputStatus): string {
  const last = lastSuccess === undefined ? 'none succeeded' : new Date(lastSuccess).toISOString()
  return [direction(output), counts(output), `${failed} pushes failed`, `last: ${last}`].join(', ')
}

/** Numbers and health that all outputs have. */
type Common = Pick<MetricOutputStatus, 'address' | 'failure' | 'sent' | 'refused' | 'refusal'>

function direction({ address, failure }: Common): string {
  return failure === undefined ? `sends to ${address}` : `fails to send to ${address} (${failure})`
}

function counts({ sent, refused, refusal }: Common): string {
  return `${sent} sent, ${refused} refused${refusal === undefined ? '' : ` (${refusal})`}`
}
