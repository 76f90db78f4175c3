import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LatestChanges } from './latest-changes.ts'

/** States that are applied when they are released, with a log of both. */
function gatedChanges() {
  const log: string[] = []
  const gates = new Map<string, () => void>()
  const changes = new LatestChanges<string>(async (state) => {
    log.push(`begin ${state}`)
    await new Promise<void>((resolve) => gates.set(state, resolve))
    log.push(`end ${state}`)
  })
  const started = async (state: string) => {
    while (!gates.has(state)) await new Promise((resolve) => setImmediate(resolve))
  }
  const release = async (state: string) => {
    await started(state)
    gates.get(state)?.()
  }
  return { log, changes, started, release }
}

describe('changes to the newest state', () => {
  it('skip states that were overtaken, and never run twice for an item', async () => {
    const { log, changes, started, release } = gatedChanges()
    changes.set('a', 'a1')
    await started('a1')
    changes.set('a', 'a2')
    changes.set('a', 'a3')
    await release('a1')
    await release('a3')
    await changes.settled()
    assert.deepEqual(log, ['begin a1', 'end a1', 'begin a3', 'end a3'])
  })

  it('of one item do not wait for those of another', async () => {
    const { log, changes, release } = gatedChanges()
    changes.set('slow', 's1')
    changes.set('fast', 'f1')
    await release('f1')
    await release('s1')
    await changes.settled()
    assert.deepEqual(log, ['begin s1', 'begin f1', 'end f1', 'end s1'])
    changes.set('fast', 'f2')
    await release('f2')
    await changes.settled()
    assert.equal(log.at(-1), 'end f2')
  })

  it('are settled although an item changes without end', async () => {
    const applied: number[] = []
    const changes = new LatestChanges<number>(async (state) => {
      applied.push(state)
      if (applied.length < 1000) changes.set('a', state + 1)
    })
    changes.set('a', 0)
    await changes.settled()
    assert.ok(applied.length < 1000, `${applied.length}`)
    assert.equal(applied[0], 0)
  })
})
