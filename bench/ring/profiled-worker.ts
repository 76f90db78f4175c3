// The agent's worker with the profiler of V8; writes the profile to the file in $READER_PROFILE.

import { writeFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector'
import { readerProgram } from '@tetragon-ts/agent/reader'

const samplingIntervalUs = 500

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs })
session.post('Profiler.start')
process.once('exit', () => {
  session.post('Profiler.stop', (error: Error | null, result: Profiler.StopReturnType) => {
    if (error) throw error
    writeFileSync(process.env.READER_PROFILE!, JSON.stringify(result.profile))
  })
})
await import(readerProgram.href)
