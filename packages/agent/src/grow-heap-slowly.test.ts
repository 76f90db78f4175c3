import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Makes garbage that survives for a while. @returns the largest heap in MiB */
const program = (begin: string) => `
  const { growHeapSlowly } = await import('./grow-heap-slowly.js')
  const used = Array.from({ length: 1_000_000 }, (_, i) => ({ i }))
  ${begin}
  let old = []
  let most = 0
  for (let round = 0; round < 400; round++) {
    old.push(Array.from({ length: 10_000 }, (_, i) => ({ i, used })))
    if (old.length > 10) old = []
    most = Math.max(most, process.memoryUsage().heapTotal)
  }
  console.log(used.length && most >> 20)`

test('the heap stays smaller, at the same work', () => {
  const largest = (begin: string): number => {
    const args = ['--max-semi-space-size=4', '--input-type=module', '-e', program(begin)]
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    assert.equal(stderr, '')
    return Number(stdout)
  }
  const usual = largest('')
  const slow = largest('growHeapSlowly()')
  assert.ok(slow < 0.8 * usual, `${slow} MiB, ${usual} MiB`)
  const ended = largest('growHeapSlowly()[Symbol.dispose]()')
  assert.ok(ended > slow, `${ended} MiB, ${slow} MiB`)
})
