import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { retry } from './retry.ts'

const pauses = { min: 1, max: 2 }

/** An action that fails this number of times. */
function failing(times: number): () => Promise<string> {
  let failures = 0
  return async () => {
    if (failures < times) throw new Error(`failure ${++failures}`)
    return 'done'
  }
}

describe('retries', () => {
  it('end with the first success', async () => {
    assert.equal(await retry(failing(3), { pauses }), 'done')
  })

  it('end when there is to be no other attempt, with the last error', async () => {
    const seen: number[] = []
    const again = (_: Error, failures: number) => seen.push(failures) < 2
    await assert.rejects(retry(failing(3), { pauses, again }), /^Error: failure 2$/)
    assert.deepEqual(seen, [1, 2])
  })

  it('end with the signal', async () => {
    const end = new AbortController()
    const waiting = retry(failing(3), {
      pauses: { min: 60_000, max: 60_000 },
      signal: end.signal,
      again: () => {
        setImmediate(() => end.abort(new Error('over')))
        return true
      },
    })
    await assert.rejects(waiting, /^Error: over$/)
    await assert.rejects(retry(failing(3), { pauses, signal: end.signal }), /failure 1/)
  })
})
