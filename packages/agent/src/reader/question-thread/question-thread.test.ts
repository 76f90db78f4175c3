import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Question, QuestionThread } from './question-thread.ts'

interface Order extends Question {
  readonly order: 'double' | 'fail' | 'hang' | 'end' | 'priority' | 'pause' | 'steps'
  /** While it is 0, the thread hangs, with a file open. */
  readonly gate?: Int32Array
}

/** @param startMs how long the thread takes until it is ready */
const program = (startMs = 0): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
    import { closeSync, openSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { answerQuestions } from ${JSON.stringify(new URL('./answer-questions.js', import.meta.url))}
    const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    sleep(${startMs})
    answerQuestions((_, onStep) => ({ id, order, gate }) => {
      if (order === 'pause') sleep(300)
      if (order === 'steps') for (let i = 0; i < 6; i++, onStep()) sleep(300)
      if (order === 'fail') throw new Error('failure')
      if (order === 'end') process.exit()
      if (order === 'priority') return getPriority()
      if (order === 'hang') {
        const file = openSync(process.execPath)
        Atomics.wait(gate, 0, 0)
        closeSync(file)
      }
      return id * 2
    })`)}`,
  )

function threadOf(giveUpMs: number, startMs?: number): QuestionThread<Order, number> {
  const kind = { program: program(startMs), name: 'test', limits: {}, giveUpMs }
  return new QuestionThread(kind, '/proc')
}

/** Of a thread that hangs until it is released. */
function closedGate(): { readonly gate: Int32Array; readonly release: () => void } {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const release = (): void => {
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
  }
  return { gate, release }
}

/** How many files threads that hang have open. */
function openFiles(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link === process.execPath).length
}

/** Waits without the event loop, as the reader does. */
function answersOf(thread: QuestionThread<Order, number>, count: number) {
  const answers = thread.take()
  while (answers.length < count) {
    thread.wait(10)
    answers.push(...thread.take())
  }
  return answers
}

test('the thread has the normal priority, whatever that of its starter is', (t) => {
  const before = getPriority()
  try {
    setPriority(-5)
  } catch (error) {
    return t.skip(`raise the priority: ${(error as Error).message}`)
  }
  const thread = threadOf(1e9)
  try {
    thread.ask([{ id: 1, order: 'priority' }])
    assert.deepEqual(answersOf(thread, 1), [{ id: 1, result: 0 }])
  } finally {
    setPriority(before)
    thread.close()
  }
})

test('each question gets an answer, also if that fails', () => {
  const thread = threadOf(1e9)
  thread.ask([
    { id: 1, order: 'fail' },
    { id: 2, order: 'double' },
  ])
  assert.equal(thread.open, 2)
  assert.deepEqual(answersOf(thread, 2), [
    { id: 1, result: undefined },
    { id: 2, result: 4 },
  ])
  assert.equal(thread.open, 0)
  assert.ok(thread.readyAt)
  assert.ok(!thread.restartIfStuck())
  thread.close()
})

test('another thread is started if one does not answer', () => {
  for (const order of ['hang', 'end'] as const) {
    const thread = threadOf(10)
    thread.ask([{ id: 1, order: 'double' }])
    answersOf(thread, 1)
    const { gate, release } = closedGate()
    thread.ask([{ id: 2, order, gate }])
    while (!thread.restartIfStuck()) thread.wait(1)
    assert.equal(thread.open, 0)
    thread.ask([{ id: 3, order: 'double' }])
    assert.deepEqual(answersOf(thread, 1), [{ id: 3, result: 6 }])
    release()
    thread.close()
  }
})

test('a thread that cannot be started gets no questions', () => {
  const kind = { program: new URL('http://localhost/'), name: 'test', limits: {}, giveUpMs: 10 }
  const thread = new QuestionThread<Order, number>(kind, '/proc')
  for (const id of [1, 2]) assert.equal(thread.ask([{ id, order: 'double' }]), false)
  assert.equal(thread.open, 0)
  assert.ok(!thread.restartIfStuck())
  thread.close()
})

test('threads that do not end are not replaced without limit', async () => {
  const thread = threadOf(0)
  const { gate, release } = closedGate()
  let restarts = 0
  const restart = () => {
    thread.ask([{ id: 1, order: 'double' }])
    answersOf(thread, 1)
    thread.ask([{ id: 2, order: 'hang', gate }])
    const end = performance.now() + 20
    while (performance.now() < end) if (thread.restartIfStuck()) return restarts++
    return undefined
  }
  while (restart() !== undefined);
  assert.equal(restarts, 4)
  // On a busy machine a thread opens its file later.
  for (let i = 0; openFiles() === 0 && i < 10_000; i++) await sleep(1)
  assert.ok(openFiles() > 0)
  release()
  assert.deepEqual(answersOf(thread, 1), [{ id: 2, result: 4 }])
  assert.ok(thread.open === 0 && restart() === undefined)
  // The others end by themselves, and close their files. Their exits arrive in the event loop.
  thread.ask([{ id: 3, order: 'end' }])
  while (!thread.restartIfStuck()) await sleep(10)
  assert.equal(openFiles(), 0)
  thread.close()
})

for (const [what, startMs, order] of [
  ['that starts slowly', 1500, 'pause'],
  ['that is making progress', 0, 'steps'],
] as const) {
  test(`a thread ${what} is not stuck`, async () => {
    const thread = threadOf(1000, startMs)
    assert.ok(thread.ask([{ id: 1, order }]))
    const answers: unknown[] = []
    while (answers.length === 0) {
      assert.equal(thread.restartIfStuck(), false)
      await sleep(10)
      answers.push(...thread.take())
    }
    assert.deepEqual(answers, [{ id: 1, result: 2 }])
    thread.close()
  })
}
