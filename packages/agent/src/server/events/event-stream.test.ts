import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { EventTap } from '../../pipeline/sinks/event-tap.ts'
import { EventStream } from './event-stream.ts'

/** A thread that makes events, in this one: it does what it is told only when the test says so. */
function fakeThread() {
  const commands: (SharedArrayBuffer | undefined)[] = []
  const thread = {
    onEvents: undefined as (() => void) | undefined,
    stream: (memory: SharedArrayBuffer | undefined) => void commands.push(memory),
  }
  const tap = new EventTap(() => thread.onEvents?.())
  const obey = (): void => {
    for (const memory of commands.splice(0)) tap.stream(memory)
  }
  const write = (text: string) => tap.write(Buffer.from(text), Buffer.byteLength(text))
  return { thread, obey, write }
}

describe('events from another thread', () => {
  it('have begun only when the thread hands them over', async () => {
    const { thread, obey, write } = fakeThread()
    const lines: string[] = []
    const receiver = { lines: (chunk: Buffer) => lines.push(String(chunk)), lost: () => {} }
    const subscription = new EventStream(thread).open(receiver)
    let hasBegun = false
    subscription.begun.then(() => {
      hasBegun = true
    })
    write('early\n')
    await sleep(5)
    assert.deepEqual([hasBegun, lines], [false, []])
    obey()
    await sleep(5)
    assert.equal(hasBegun, true)
    for (const text of ['a\nb\n', 'c\n']) {
      write(text)
      await sleep(5)
    }
    assert.equal(lines.join(''), 'a\nb\nc\n')
    subscription.close()
    write('late\n')
    obey()
    write('later\n')
    await sleep(5)
    assert.equal(lines.join(''), 'a\nb\nc\n')
  })

  it('that nobody fetched in time are told as lost', async () => {
    const { thread, obey, write } = fakeThread()
    let lost = 0
    let received = 0
    const receiver = {
      lines: (chunk: Buffer) => {
        received += String(chunk).split('\n').length - 1
      },
      lost: (count: number) => {
        lost += count
      },
    }
    const subscription = new EventStream(thread).open(receiver)
    obey()
    const line = `${'x'.repeat(2 ** 20)}\n`
    for (let i = 0; i < 40; i++) write(line)
    const deadline = performance.now() + 20_000
    while (received + lost < 40 && performance.now() < deadline) await sleep(10)
    assert.equal(received + lost, 40)
    assert.ok(lost > 0)
    subscription.close()
  })
})
