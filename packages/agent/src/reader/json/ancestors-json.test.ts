import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ancestorsOf, eventAncestorsMax } from '../../processes/ancestors.ts'
import { kernelProcess } from '../../processes/kernel-process.ts'
import { ExecIds, type Process } from '../../processes/process.ts'
import { writeAncestors } from './ancestors-json.ts'
import { EventBuffer, WallClock } from './event-lines.ts'

/** The ancestors of a process in a chain, as its event has them. */
function written(processes: number, max: number) {
  let parent: Process | undefined
  for (let pid = 100; pid < 100 + processes; pid++) {
    parent = { ...kernelProcess(new ExecIds('node')), pid, parent }
  }
  const out = new EventBuffer()
  out.latin1('{"pid":0')
  writeAncestors(out, ancestorsOf(parent), new WallClock(0n), max)
  out.byte(0x7d)
  const { ancestors, ancestors_truncated } = JSON.parse(out.latin1Since(0))
  const pids = ancestors?.map(({ pid }: { pid: number }) => pid)
  return { pids, ancestors_truncated, bytes: out.length }
}

it('an event has the nearest ancestors, and says whether there are more', () => {
  assert.deepEqual(written(4, 3).pids, [102, 101, 100])
  assert.equal(written(4, 3).ancestors_truncated, undefined)
  assert.deepEqual(written(4, 2).pids, [102, 101])
  assert.equal(written(4, 2).ancestors_truncated, true)
  assert.equal(written(1, 2).pids, undefined)
})

it('the maximum bounds events of long chains', () => {
  assert.equal(written(500, 32).pids.length, 32)
  assert.equal(written(500, 32).bytes, written(800, 32).bytes)
  const all = written(eventAncestorsMax + 1, eventAncestorsMax)
  assert.deepEqual([all.pids.length, all.ancestors_truncated], [eventAncestorsMax, undefined])
  assert.equal(written(eventAncestorsMax + 2, eventAncestorsMax).ancestors_truncated, true)
})
