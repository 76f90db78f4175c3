import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { collectGarbage } from './collect-garbage.ts'

const size = 64 << 20

test('memory that nothing uses is freed', () => {
  let buffer: ArrayBuffer | undefined = new ArrayBuffer(size)
  const before = process.memoryUsage().arrayBuffers
  assert.ok(before >= buffer.byteLength)
  buffer = undefined
  collectGarbage()
  // Another thread frees buffers, and has done so when the next collection begins.
  collectGarbage()
  assert.ok(process.memoryUsage().arrayBuffers <= before - size)
})

test('threads can do so at the same time', async () => {
  const module = JSON.stringify(new URL('./collect-garbage.js', import.meta.url).href)
  const rounds = 'for (let i = 0; i < 20; i++) collectGarbage()'
  const code = `import(${module}).then(({ collectGarbage }) => { ${rounds} })`
  const workers = [0, 1].map(() => new Worker(code, { eval: true }))
  const exitCodes = workers.map((worker) => {
    return new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject))
  })
  // The heap of this thread may be large.
  for (let i = 0; i < 4; i++) collectGarbage()
  assert.deepEqual(await Promise.all(exitCodes), [0, 0])
})
