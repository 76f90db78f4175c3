import type { HealthStatus } from '@tetragon-ts/api'
import type { OutputStatus } from '@tetragon-ts/outputs'
import { sumOf } from '@tetragon-ts/outputs/queue'

/**
 * The outputs among the statuses of the agent. The agent works without their receivers: restarting
 * it would not help, so that a failing output is in the text only.
 */
export function outputHealth(outputs: readonly OutputStatus[]): HealthStatus[] {
  return outputs.map((output) => ({
    event: 'HEALTH_STATUS_TYPE_STATUS',
    status: 'HEALTH_STATUS_RUNNING',
    details: `output ${output.name}: ${state(output)}`,
  }))
}

function state({ failure, sent, refused, refusal, retried, lost, ...queue }: OutputStatus): string {
  const { address, guarantee, queued, lag, storeFailure } = queue
  const parts = [
    failure === undefined ? `sends to ${address}` : `fails to send to ${address} (${failure})`,
    guarantee,
    `${sent} sent`,
    `${refused} refused${refusal === undefined ? '' : ` (${refusal})`}`,
    `${retried} retried`,
    `${sumOf(lost)} lost`,
    `${queued} queued`,
  ]
  if (queued > 0) parts.push(`${(lag / 1000).toFixed(1)} s behind`)
  if (storeFailure !== undefined) parts.push(`the spool fails (${storeFailure})`)
  return parts.join(', ')
}
