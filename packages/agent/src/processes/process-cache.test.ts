import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ancestorsOf } from './ancestors.ts'
import type { Process } from './process.ts'
import { ProcessCache } from './process-cache.ts'
import { noWorkload } from './workload.ts'

let clock = 1
function image(pid: number, parent?: Process): Process {
  const ktime = clock++
  return {
    pid,
    start: ktime,
    execs: 0,
    ktime,
    ktimeHigh: 0,
    ktimeLow: ktime,
    execId: `${pid}:${ktime}`,
    parent,
    parentExecId: parent?.execId ?? '',
    flags: 0,
    euid: 0,
    auid: 0,
    namespacePid: 0,
    workload: noWorkload,
    image: '',
    details: '',
    json: undefined,
    references: 1,
  }
}

describe('process cache', () => {
  it('finds the live image of a pid, and no other one', () => {
    const cache = new ProcessCache()
    const first = image(7)
    cache.add(first)
    assert.equal(cache.get(7), first)
    assert.equal(cache.find(7, first.ktime), first)
    assert.equal(cache.find(7, first.ktime + 1), undefined)
    assert.equal(cache.find(8, first.ktime), undefined)
    cache.remove(first)
    assert.equal(cache.get(7), undefined)
    assert.equal(cache.size, 0)
  })

  it('keeps an ended process while a child lives', () => {
    const cache = new ProcessCache()
    const parent = image(1)
    const child = image(2, parent)
    const grandchild = image(3, child)
    for (const process of [parent, child, grandchild]) cache.add(process)
    assert.equal(parent.references, 2)
    cache.remove(parent)
    cache.remove(child)
    assert.equal(cache.liveCount, 1)
    assert.equal(cache.size, 3)
    assert.equal(grandchild.parent?.parent, parent)
    cache.remove(grandchild)
    assert.equal(cache.size, 0)
    assert.deepEqual([parent.references, child.references, grandchild.references], [0, 0, 0])
  })

  it('drops an image when a clone of it executes: the parent is the same', () => {
    const cache = new ProcessCache()
    const parent = image(1)
    cache.add(parent)
    const fork = image(2, parent)
    cache.add(fork)
    const exec = image(2, parent)
    cache.add(exec)
    assert.equal(cache.get(2), exec)
    assert.equal(parent.references, 2)
    assert.equal(cache.size, 2)
    assert.equal(fork.references, 0)
  })

  it('shortens the chain of a process that replaces itself over and over', () => {
    const cache = new ProcessCache()
    const root = image(1)
    cache.add(root)
    let current = image(20, root)
    cache.add(current)
    for (let i = 0; i < 10_000; i++) {
      const next = image(20, current)
      cache.add(next)
      current = next
      assert.ok(cache.size < 100)
    }
    assert.ok(cache.size > 10)
    assert.equal(cache.liveCount, 2)
    // The common ancestor of the chain is kept.
    assert.equal(ancestorsOf(current).at(-1), root)
    assert.equal(root.references, 2)
    cache.remove(current)
    assert.equal(cache.size, 1)
    assert.equal(root.references, 1)
  })

  it('shortens a line of processes of which each ends after its fork', () => {
    const cache = new ProcessCache()
    const root = image(1)
    cache.add(root)
    let current = image(10, root)
    cache.add(current)
    for (let pid = 11; pid < 2000; pid++) {
      const next = image(pid, current)
      cache.add(next)
      cache.remove(current)
      current = next
      assert.ok(cache.size < 100)
    }
    assert.equal(current.parent?.pid, 1998)
    assert.equal(ancestorsOf(current).at(-1), root)
    cache.remove(current)
    assert.equal(cache.size, 1)
    assert.equal(root.references, 1)
  })

  it('keeps the ancestors of a process that ended recently, on request', () => {
    const cache = new ProcessCache()
    cache.keepsEnded = true
    cache.keepsAncestors = true
    const line = [image(1)]
    for (const pid of [5, 6, 7]) line.push(image(pid, line.at(-1)))
    for (const process of line) cache.add(process)
    const [root, grandparent, parent, process] = line
    for (const each of [grandparent, parent, process]) cache.remove(each)
    assert.equal(cache.size, 1)
    assert.deepEqual(cache.ended(7), { process, parent, ancestors: [grandparent, root] })
  })

  it('finds parents that were added after their children', () => {
    const cache = new ProcessCache()
    const parent = image(7)
    const child = { ...image(5), parentExecId: parent.execId }
    cache.add(child)
    cache.add(parent)
    cache.findParents()
    cache.findParents()
    assert.equal(child.parent, parent)
    assert.equal(parent.references, 2)
    cache.remove(parent)
    cache.remove(child)
    assert.equal(cache.size, 0)
  })

  it('finds a parent that ended or replaced its image a moment ago, with its ancestors', () => {
    const cache = new ProcessCache()
    const [root, grandparent] = [image(1), image(4)]
    const parent = image(5, grandparent)
    for (const process of [root, grandparent, parent]) cache.add(process)
    const replaced = image(1, root)
    cache.add(replaced)
    cache.remove(parent)
    cache.remove(grandparent)
    assert.equal(cache.size, 2)
    assert.equal(cache.former(1, root.ktime), root)
    assert.equal(cache.former(1, 0), undefined)
    const child = image(6, cache.former(5, parent.ktime))
    cache.add(child)
    assert.equal(cache.size, 5)
    assert.deepEqual(ancestorsOf(child.parent), [grandparent])
    assert.equal(cache.former(5, parent.ktime), parent)
    cache.remove(child)
    assert.equal(cache.size, 2)
    assert.deepEqual([parent.references, grandparent.references], [0, 0])
  })

  it('forgets a parent that ended before many others', () => {
    const cache = new ProcessCache()
    const parent = image(5)
    for (const process of [parent, ...Array.from({ length: 64 }, (_, i) => image(10 + i))]) {
      cache.add(process)
      cache.remove(process)
    }
    assert.equal(cache.former(5, parent.ktime), undefined)
    assert.equal(cache.size, 0)
  })

  it('keeps a replaced image for the child that was forked from it', () => {
    const cache = new ProcessCache()
    const old = image(5)
    cache.add(old)
    const child = image(6, old)
    cache.add(child)
    cache.add(image(5))
    assert.equal(cache.size, 3)
    assert.equal(child.parent, old)
    cache.remove(child)
    assert.equal(cache.size, 1)
  })
})

describe('process cache, compared with a naive one', () => {
  type Step = readonly ['fork' | 'exec' | 'replace' | 'exit', number]
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom('fork', 'exec', 'replace', 'exit'),
      fc.nat(1000),
    ) as fc.Arbitrary<Step>,
    { maxLength: 200 },
  )

  /** All ancestors of live processes: the expected content of the cache, found without counting. */
  function reachable(live: Iterable<Process>): Set<Process> {
    const all = new Set<Process>()
    for (const process of live) {
      for (let at: Process | undefined = process; at && !all.has(at); at = at.parent) all.add(at)
    }
    return all
  }

  it('keeps exactly what is needed', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const cache = new ProcessCache()
        const live = new Map<number, Process>()
        const add = (process: Process): void => {
          cache.add(process)
          live.set(process.pid, process)
        }
        add(image(1))
        let nextPid = 2
        for (const [kind, number] of list) {
          const chosen = [...live.values()][number % live.size]
          if (kind === 'fork') add(image(nextPid++, chosen))
          // Chains beyond the limit are tested separately.
          else if (kind === 'exec') add(image(chosen.pid, chosen.parent))
          else if (kind === 'replace')
            add(image(chosen.pid, depth(chosen) < 60 ? chosen : undefined))
          else if (live.size > 1) {
            cache.remove(chosen)
            live.delete(chosen.pid)
          }
          const needed = reachable(live.values())
          assert.equal(cache.liveCount, live.size)
          assert.equal(cache.size, needed.size)
          for (const process of live.values()) {
            assert.equal(cache.find(process.pid, process.ktime), process)
          }
          for (const process of needed) {
            const children = [...needed].filter(({ parent }) => parent === process).length
            const alive = live.get(process.pid) === process ? 1 : 0
            assert.equal(process.references, children + alive)
          }
        }
      }),
    )
  })

  function depth(process: Process): number {
    let count = 0
    for (let at: Process | undefined = process; at; at = at.parent) count++
    return count
  }
})
