// The agent's worker under the profiler of V8; leaves `PROFILE` beside the events' file.

import { writeFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector'
import { workerData } from 'node:worker_threads'
import { type WorkerOptions, workerUrl } from '../agent-modules.ts'

const samplingIntervalUs = 500

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs })
session.post('Profiler.start')
await import(workerUrl.href)
session.post('Profiler.stop', (error: Error | null, result: Profiler.StopReturnType) => {
  const { sink } = workerData as WorkerOptions
  if (error) throw error
  if (sink.kind === 'file') writeFileSync(`${sink.path}.profile`, JSON.stringify(result.profile))
})
