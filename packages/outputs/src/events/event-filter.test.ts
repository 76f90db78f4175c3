import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { alertLine, execLine } from '../testing/lines.ts'
import { ArrivedEvent, compileChoice, type FilterValues } from './event-filter.ts'

const nothing: FilterValues = { events: [], policy: [], level: undefined, cel: undefined }
const loss = Buffer.from('{"rate_limit_info":{"number_of_dropped_process_events":"3"}}')

/** Which of an exec, an alert and a loss pass. */
async function passing(values: Partial<FilterValues>): Promise<boolean[]> {
  const passes = await compileChoice({ ...nothing, ...values })
  return [execLine(), alertLine('medium'), loss].map((line) => passes(new ArrivedEvent(line)))
}

describe('the choice of events of an output', () => {
  it('is by kind, policy, level of findings, and expression; losses always pass', async () => {
    assert.deepEqual(await passing({}), [true, true, true])
    assert.deepEqual(await passing({ events: ['PROCESS_EXEC'] }), [true, false, true])
    assert.deepEqual(await passing({ policy: ['mounts'] }), [false, true, true])
    assert.deepEqual(await passing({ policy: ['other'] }), [false, false, true])
    assert.deepEqual(await passing({ level: 'medium' }), [false, true, true])
    assert.deepEqual(await passing({ level: 'high' }), [false, false, true])
    const cel = 'process_exec.process.pid == 42u'
    assert.deepEqual(await passing({ cel }), [true, false, true])
    assert.deepEqual(await passing({ cel, events: ['PROCESS_EXIT'] }), [false, false, true])
  })

  it('refuses an expression that cannot be evaluated', async () => {
    await assert.rejects(compileChoice({ ...nothing, cel: 'process_exec.nothing == 1' }))
  })

  it('is not confused by a line that is not an event', async () => {
    const passes = await compileChoice({ ...nothing, level: 'low' })
    for (const line of ['', '{', '{"process_kprobe":', 'null', '{"a":{}}']) {
      assert.equal(passes(new ArrivedEvent(Buffer.from(line))), false)
    }
  })
})
