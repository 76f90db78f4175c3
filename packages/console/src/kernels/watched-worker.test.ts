import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { KernelReport, KernelRequest } from './protocol.ts'
import { type CheckingWorker, WatchedWorker } from './watched-worker.ts'

/** A worker that answers when the test wants it. */
function watch(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const requests: KernelRequest[] = []
  const ends: string[] = []
  const reports: KernelReport[] = []
  const worker: CheckingWorker & { isEnded: boolean } = {
    isEnded: false,
    onmessage: null,
    onerror: null,
    postMessage: (request) => requests.push(request),
    terminate: () => {
      worker.isEnded = true
    },
  }
  const watched = new WatchedWorker(
    worker,
    (report) => reports.push(report),
    (reason) => ends.push(reason),
  )
  const check = (number: number) => watched.ask({ kind: 'check', number, text: '', kernels: [] })
  const answer = (data: KernelReport) => worker.onmessage?.(new MessageEvent('message', { data }))
  return { worker, watched, check, answer, ends, tick: (ms: number) => t.mock.timers.tick(ms) }
}

test('a worker that answers may be silent afterwards', (t) => {
  const { check, answer, watched, ends, tick } = watch(t)
  watched.ask({ kind: 'add', id: 1, bytes: new Uint8Array() })
  answer({ kind: 'added', id: 1, release: '6.12' })
  check(1)
  for (let i = 0; i < 10; i++) {
    tick(15_000)
    answer({ kind: 'progress', number: 1 })
  }
  answer({ kind: 'failed', number: 1, problem: '' })
  tick(100_000)
  assert.deepEqual(ends, [])
})

test('a worker that does not answer is ended, whatever it is asked', (t) => {
  const { check, worker, ends, tick } = watch(t)
  check(1)
  for (let number = 2; number < 10; number++) {
    tick(3000)
    check(number)
  }
  assert.equal(worker.isEnded, true)
  assert.match(ends.join(), /^the checker has not answered for 20 s, and was ended$/)
})

test('the answer to an earlier check is not that to the last one', (t) => {
  const { check, answer, ends, tick } = watch(t)
  check(1)
  check(2)
  answer({ kind: 'failed', number: 1, problem: '' })
  tick(20_000)
  assert.equal(ends.length, 1)
})

test('a worker that cannot be loaded is ended with the reason', (t) => {
  const { check, worker, ends } = watch(t)
  check(1)
  const where = { filename: '', lineno: 0, colno: 0, error: undefined }
  worker.onerror?.(Object.assign(new Event('error'), { message: '', ...where }))
  assert.deepEqual(ends, ['the checker could not be loaded'])
  assert.equal(worker.isEnded, true)
})
