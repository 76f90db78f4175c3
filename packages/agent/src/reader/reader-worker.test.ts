import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { dismiss, startReaderWorker } from './reader-worker.ts'

test('a thread without work has ended when it is dismissed', async () => {
  const thread = startReaderWorker()
  const exit = once(thread.worker, 'exit')
  await dismiss(thread)
  assert.deepEqual(await exit, [0])
  // The second call returns immediately.
  await dismiss(thread)
})
