import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { WorkFiles } from '../work-files.ts'
import { livingProcesses } from './living-processes.ts'
import type { ReaderOptions } from './reader.ts'
import { trial } from './trial.ts'
import type { Collections } from './watched-worker.ts'

const files = new WorkFiles()
const file = files.path('events.json')
after(() => files[Symbol.dispose]())

/** A short one, at a rate without losses, of more processes than live at a time. */
function short(thread: ReaderOptions['thread'], followsAfterMs?: number) {
  rmSync(file, { force: true })
  const load = { rate: 1000, seconds: 0.4, warmUpSeconds: 0.1, ringSize: 1 << 24, largestFile: 0 }
  return trial({ ...load, file, thread, followsAfterMs })
}

describe('a trial of the ring', () => {
  it('has an event for each start and end of a process, for their parent and the kernel', async () => {
    const { events, processes, lost, sinkLost } = await short('agent')
    assert.deepEqual([lost, sinkLost], [0, 0])
    assert.equal(events, 2 + processes + (processes - livingProcesses))
  })

  it('has a thread that only counts', async () => {
    const { events, records, processes } = await short('counting')
    assert.equal(events, 0)
    assert.ok(records > 2 * processes, `${records} of ${processes} processes`)
  })

  it('leaves a profile where one is wanted', async () => {
    const { events, processes } = await short('profiled')
    assert.equal(events, 2 + processes + (processes - livingProcesses))
    assert.ok(existsSync(`${file}.profile`))
  })

  it('has the age of each line in the file, and the collections of garbage', async () => {
    const { events, follower } = await short('watched', 0)
    assert.ok(follower !== undefined)
    const { count, median, p99 } = follower.latencies
    // Lines of the last moment can be missing.
    assert.ok(count > events / 2 && count <= events, `${count} of ${events}`)
    // The kernel and the parent of the processes have started earlier.
    assert.ok(median > 0 && median <= p99 && p99 < 10_000, `${median}, ${p99}`)
    const { young, others } = JSON.parse(readFileSync(`${file}.profile`, 'utf8')) as Collections
    assert.ok([...young, ...others].every((ms) => ms > 0))
  })
})
