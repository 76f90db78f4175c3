import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { framed, framePrefix } from '../../../reader/outputs/framing.ts'
import { Aggregator } from './aggregator.ts'
import { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)

function aggregate(window_size: string, channel_buffer_size?: number) {
  const sent: string[] = []
  const aggregator = new Aggregator({ window_size, channel_buffer_size }, (frame) => {
    const message = frame.subarray(framePrefix)
    const { process_kprobe, process_exit, aggregation_info, time } = codec.decode(message)
    const what = process_exit ? 'exit' : process_kprobe?.args?.[0].string_arg
    const exec = (process_kprobe ?? process_exit)?.process?.exec_id
    sent.push(`${exec} ${what} ${aggregation_info?.count ?? 1} ${time?.slice(17, 19)}`)
  })
  const add = (event: object): void => {
    const frame = framed(codec.encode(event))
    aggregator.add(new StreamedEvent(frame, 0, frame.length, eventClass.hook), () => frame)
  }
  const time = (second: number) => `2024-05-06T07:08:${String(second).padStart(2, '0')}Z`
  return {
    sent,
    aggregator,
    open: (exec_id: string, file: string, second: number, refcnt = 1) =>
      add({
        process_kprobe: { process: { exec_id, refcnt }, args: [{ string_arg: file }] },
        time: time(second),
      }),
    exit: (exec_id: string, second: number) =>
      add({ process_exit: { process: { exec_id } }, time: time(second) }),
  }
}

describe('aggregation', () => {
  it('sends equal events once, with their number', async () => {
    const { open, sent } = aggregate('0.05s')
    open('a', 'x', 1)
    open('a', 'y', 2)
    open('a', 'x', 3, 2)
    open('b', 'x', 4)
    open('a', 'x', 5)
    assert.deepEqual(sent, [])
    await sleep(150)
    assert.deepEqual(sent, ['a x 3 01', 'a y 1 02', 'b x 1 04'])
    open('a', 'x', 6)
    await sleep(150)
    assert.deepEqual(sent.slice(3), ['a x 1 06'])
  })

  it('holds back at most 32 MB, for any number of groups', () => {
    const { open, sent, aggregator } = aggregate('3600s', 2 ** 40)
    const long = 'x'.repeat(2 ** 22)
    for (let i = 0; i < 10; i++) open(`${i}`, long, i)
    const ids = sent.map((text) => text.split(' ')[0])
    // A group holds its event and the text that it is found by.
    assert.deepEqual(ids, ['0', '1', '2', '3', '4', '5', '6'])
    aggregator.close()
  })

  it('looks at no groups of others when a process ends', () => {
    const { open, exit, sent, aggregator } = aggregate('3600s')
    for (let i = 0; i < 200; i++) open('a', `${i}`, 1)
    const iterators = Object.getPrototypeOf(new Map().values())
    const next = mock.method(iterators, 'next')
    for (let i = 0; i < 200; i++) exit(`other${i}`, 2)
    const steps = next.mock.callCount()
    next.mock.restore()
    // Of other code: none for each group.
    assert.ok(steps < 200 * 100, `${steps} steps`)
    assert.equal(sent.length, 200)
    exit('a', 3)
    assert.equal(sent.length, 401)
    aggregator.close()
  })

  it('sends the exit of a process after all that it did', () => {
    const { open, exit, sent, aggregator } = aggregate('10s')
    open('a', 'x', 1)
    open('b', 'x', 2)
    open('a', 'x', 3)
    exit('a', 4)
    assert.deepEqual(sent, ['a x 2 01', 'a exit 1 04'])
    aggregator.close()
  })

  it('holds back no more than its limit', () => {
    const { open, sent, aggregator } = aggregate('10s', 2)
    for (const file of ['x', 'y', 'x', 'z', 'x']) open('a', file, 1)
    assert.deepEqual(sent, ['a x 2 01', 'a y 1 01'])
    aggregator.close()
  })

  it('refuses invalid windows', () => {
    for (const window of ['-1s', '3601s', '0s']) {
      assert.throws(() => aggregate(window), { code: 'invalid' }, window)
    }
  })
})
