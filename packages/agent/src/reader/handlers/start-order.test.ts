import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import fc from 'fast-check'
import type { Process } from '../../processes/process.ts'
import { type ImageKey, type RunningProcess, StartOrder } from './start-order.ts'

/** A test record: its pid, in one byte. */
const introduce = (order: StartOrder, pid: number, introducedBy = 0): void =>
  order.hold(Uint8Array.of(pid), { pid, introducedBy })

function running(pid: number, parent: number): RunningProcess {
  const image = (of: number) => ({
    ...{ pid: of, start: of, execs: 0 },
    ...{ ktime: of, ktimeHigh: 0, ktimeLow: of },
  })
  return { process: image(pid) as Process, parent: image(parent) }
}

/** Pids in the order in which their images are written. */
function release(order: StartOrder): number[] {
  const written: number[] = []
  let memory: RecordMemory | undefined
  order.release({
    running: ({ process }) => void written.push(process.pid),
    input(next) {
      memory = next
    },
    record(offset): ImageKey {
      const pid = memory?.bytes[offset] ?? 0
      written.push(pid)
      return { pid, ktime: pid }
    },
  })
  return written
}

describe('order at the start', () => {
  it('writes a parent of a higher pid before its children', () => {
    const order = new StartOrder()
    for (const [pid, parent] of [
      [2, 9],
      [3, 2],
      [9, 1],
      [1, 0],
    ]) {
      order.addRunning(running(pid, parent))
    }
    assert.deepEqual(release(order), [1, 9, 2, 3])
  })

  it('writes records of hooks after the processes that were found later', () => {
    const order = new StartOrder()
    introduce(order, 5)
    order.addRunning(running(4, 1))
    introduce(order, 6)
    assert.deepEqual(release(order), [4, 5, 6])
  })

  it('delays processes until a hook introduces their parent', () => {
    const order = new StartOrder()
    introduce(order, 7)
    introduce(order, 8)
    order.addRunning(running(3, 8))
    order.addRunning(running(2, 3))
    assert.deepEqual(release(order), [7, 8, 3, 2])
  })

  it('writes processes whose parent never appears', () => {
    const order = new StartOrder()
    order.hold(Uint8Array.of(7), { pid: 8, introducedBy: 0 })
    order.addRunning(running(3, 8))
    assert.deepEqual(release(order), [7, 3])
  })

  it('writes a process before its own records, if its parent is introduced later', () => {
    const order = new StartOrder()
    // It runs a new image before the record of its parent is in the ring.
    introduce(order, 3)
    introduce(order, 8)
    order.addRunning(running(3, 8))
    assert.deepEqual(release(order), [3, 3, 8])
  })

  it('writes a process before its own records, if its parent never appears', () => {
    const order = new StartOrder()
    introduce(order, 7)
    // The parent had ended before the walk found the child; only a later image of it is held.
    order.hold(Uint8Array.of(8), { pid: 8, introducedBy: 0 })
    order.hold(Uint8Array.of(4), { pid: 4, introducedBy: undefined })
    const late = running(4, 8)
    order.addRunning({ ...late, parent: { ...late.parent, ktime: 1 } })
    assert.deepEqual(release(order), [7, 8, 4, 4])
  })

  it('writes the found parent of a process before the record that introduces it', () => {
    const order = new StartOrder()
    introduce(order, 5, 3)
    introduce(order, 8)
    order.addRunning(running(3, 8))
    assert.deepEqual(release(order), [3, 5, 8])
  })

  it('writes a process that was found twice as it was found last', () => {
    const order = new StartOrder()
    const first = running(3, 1)
    introduce(order, 3)
    order.addRunning(first)
    order.addRunning(running(1, 0))
    order.addRunning({ ...first, process: { ...first.process, execs: 1 } })
    const found: number[] = []
    const written: number[] = []
    order.release({
      running: ({ process }) => void found.push(process.pid, process.execs),
      input: () => {},
      record: (offset) => void written.push(offset),
    })
    assert.deepEqual([found, written], [[1, 0, 3, 1], [0]])
  })

  it('writes every process once, after its parent', () => {
    // The parent of the n-th process is an earlier one; they are found in any order.
    const family = fc
      .array(fc.tuple(fc.nat(), fc.boolean(), fc.nat()), { minLength: 1, maxLength: 60 })
      .map((members) =>
        members.map(([parent, held, rank], i) => ({ parent: parent % (i + 1), held, rank })),
      )
    fc.assert(
      fc.property(family, (members) => {
        const order = new StartOrder()
        const parents = new Map(members.map(({ parent }, i) => [i + 1, parent]))
        const all = members.map((member, i) => ({ ...member, pid: i + 1 }))
        // Hooks see a process after its parent started, however the parent was discovered.
        for (const { pid, held } of all) if (held) introduce(order, pid)
        for (const { pid, parent, held } of all.toSorted((a, b) => a.rank - b.rank)) {
          if (!held) order.addRunning(running(pid, parent))
        }
        const written = release(order)
        assert.deepEqual(
          written.toSorted((a, b) => a - b),
          all.map(({ pid }) => pid),
        )
        for (const { pid, held } of all) {
          const parent = parents.get(pid) ?? 0
          // Held records are in ring order: the parent is held too, or was found.
          const isOrdered = parent === 0 || written.indexOf(parent) < written.indexOf(pid)
          if (!held) assert.ok(isOrdered, `${parent} before ${pid} in ${written}`)
        }
      }),
    )
  })
})
