// The thread that answers health checks.

import { parentPort, workerData } from 'node:worker_threads'
import type { ServiceStatuses } from './agent-health.ts'
import type { HealthCommand, HealthReport, HealthThreadOptions } from './health-protocol.ts'
import { HealthServer } from './health-server.ts'

/**
 * Time without a report until the agent is no longer serving, in milliseconds. Loading policies
 * blocks the main thread for seconds, which is not a reason to restart the agent.
 */
const silentMs = 120_000

const { address, statuses, intervalMs } = workerData as HealthThreadOptions
const notServing: ServiceStatuses = {
  '': 'NOT_SERVING',
  liveness: 'NOT_SERVING',
  readiness: 'NOT_SERVING',
}
const post = (report: HealthReport): void => parentPort?.postMessage(report)

/** Serves until the main thread ends this one. */
async function serve(): Promise<void> {
  const server = await HealthServer.start(address, statuses)
  // Counted, not timed: after a pause of the whole process, the main thread gets its turn.
  let missed = 0
  setInterval(() => {
    missed++
    if (missed * intervalMs >= silentMs) server.statuses = notServing
  }, intervalMs)
  parentPort?.on('message', (command: HealthCommand) => {
    if (command.kind === 'close') {
      void server.close().then(() => post({ kind: 'closed' }))
    } else {
      missed = 0
      server.statuses = command.statuses
    }
  })
  post({ kind: 'listening' })
}

serve().catch((error: Error) => post({ kind: 'refused', message: error.message }))
