import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EndedParents } from './ended-parents.ts'
import type { Process } from './process.ts'

const ended = (pid: number, ktime: number, parent?: Process): Process =>
  ({ pid, ktime, parent }) as Process

function setUp({ named = [] as number[] } = {}) {
  const held = new Set<Process>()
  const records = { names: (pid: number) => named.includes(pid) }
  const cache = {
    hold: (process: Process) => void held.add(process),
    release: (process: Process) => void held.delete(process),
  }
  return { held, records, parents: new EndedParents(cache, records) }
}

describe('parents that have ended', () => {
  it('are found by the start of each of their images', () => {
    const { parents } = setUp()
    const first = ended(7, 100, ended(1, 1))
    const second = ended(7, 200, first)
    const reused = ended(7, 300)
    for (const process of [second, reused]) parents.add(process)
    assert.equal(parents.find(7, 100), first)
    assert.equal(parents.find(7, 200), second)
    assert.equal(parents.find(7, 300), reused)
    assert.equal(parents.find(7, 1), undefined)
    assert.equal(parents.find(1, 1), undefined)
  })

  it('are kept until the records of their time have been read twice', () => {
    const { parents, held } = setUp()
    const process = ended(7, 100)
    parents.add(process)
    parents.age()
    assert.equal(parents.find(7, 100), process)
    parents.age()
    assert.equal(parents.find(7, 100), undefined)
    assert.equal(held.size, 0)
  })

  it('are kept while a record that was read names them', () => {
    const { parents, held } = setUp({ named: [7] })
    for (const pid of [7, 8]) parents.add(ended(pid, 100))
    for (let i = 0; i < 3; i++) parents.age()
    assert.deepEqual(
      [...held].map(({ pid }) => pid),
      [7],
    )
  })

  it('have a bounded number, also if all are named', () => {
    const { parents, held } = setUp({ named: Array.from({ length: 100 }, (_, i) => i) })
    let largest = 0
    for (let i = 0; i < 100_000; i++) {
      parents.add(ended(i % 100, i))
      largest = Math.max(largest, held.size)
    }
    assert.ok(largest <= 4096, String(largest))
  })
})
