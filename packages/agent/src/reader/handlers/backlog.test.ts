import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shell, startedPipeline } from '../testing/test-pipeline.ts'
import {
  backlogRecord,
  execRecord,
  exitRecord,
  forkRecord,
  hookRecordBytes,
  type TestProcess,
  testHook,
} from '../testing/test-records.ts'
import { TestSource } from '../testing/test-source.ts'
import type { KernelImages } from './kernel-images.ts'

const held: TestProcess = { pid: 101, start: 2000, ktime: 2500, execs: 1, parent: shell }
const child: TestProcess = { pid: 102, start: 3000, ktime: 3500, execs: 2, parent: held }
const hook = testHook(1)
const values = { args: {} }

/** What the kernel keeps, by pid. */
class TestImages extends Map<number, readonly Uint8Array[]> implements KernelImages {
  take(pid: number): readonly Uint8Array[] {
    const taken = this.get(pid) ?? []
    this.delete(pid)
    return taken
  }

  takeAll(): readonly Uint8Array[] {
    const taken = [...this.values()].flat()
    this.clear()
    return taken
  }
}

function livePids({ pipeline }: Pick<ReturnType<typeof startedPipeline>, 'pipeline'>): number[] {
  const live = pipeline.cachedProcesses().filter(({ isLive }) => isLive)
  return live.map(({ json }) => JSON.parse(json).pid)
}

/** A pipeline that knows a shell, with a ring of held records. @param living pids in the kernel */
function filtering(...living: readonly TestProcess[]) {
  const test = startedPipeline()
  const ring = new TestSource()
  const images = new TestImages()
  const starts = new Map([shell, ...living].map(({ pid, start }) => [pid, start]))
  test.pipeline.hooks.add(hook)
  const live = { startOf: (pid: number) => starts.get(pid), isInProcfs: () => false }
  test.pipeline.openBacklog(ring, () => images, live)
  const hit = (process: TestProcess, time: number) => {
    test.source.add(hookRecordBytes(hook, process, time, values))
    test.pipeline.drain(1024)
    return test.events().map(({ process_kprobe: event }) => event)
  }
  /** The kernel side says that half of the ring is full. @param isFull whether it still is */
  const fill = (time: number, isFull = true) => {
    test.source.add(backlogRecord(time))
    ring.pendingBytes = isFull ? ring.size : undefined
    test.pipeline.drain(1024)
    ring.pendingBytes = undefined
  }
  return { ...test, ring, images, hit, fill }
}

describe('held records', () => {
  it('are left alone until an event refers to their process', () => {
    const { ring, hit, counters } = filtering()
    ring.add(execRecord(held, '/held', 'held\0a\0b'))
    assert.equal(hit(shell, 2600)[0]?.process?.pid, 100)
    assert.equal(counters.get('heldRecords'), 0)
    const [event] = hit(held, 2700)
    assert.equal(event?.process?.binary, '/held')
    assert.equal(event?.process?.arguments, 'a b')
    assert.equal(event?.parent?.pid, 100)
    assert.equal(counters.get('heldRecords'), 1)
  })

  it('know a process that has ended when its hit is read', () => {
    const test = filtering()
    const { ring, hit } = test
    ring.add(execRecord(held, '/held'), exitRecord(held, 0, 2800))
    assert.equal(hit(held, 2700)[0]?.process?.binary, '/held')
    assert.deepEqual(livePids(test), [0, 100])
  })

  it('distinguish the images of a process', () => {
    const { ring, hit } = filtering()
    const next = { ...held, ktime: 2900, execs: 2, parent: held }
    ring.add(execRecord(held, '/first'), execRecord(next, '/second'))
    assert.equal(hit(next, 3000)[0]?.process?.binary, '/second')
    // Its record was in the ring for longer.
    const [late] = hit(held, 2600)
    assert.equal(late?.process?.binary, '/first')
    assert.equal(late?.parent?.pid, 100)
  })

  it('have the ancestors of an exec that is posted', () => {
    const { source, ring, pipeline, events } = filtering()
    ring.add(execRecord(held, '/held'), forkRecord({ ...child, ktime: 3000, execs: 1 }))
    ring.add(exitRecord(held, 0, 3200))
    source.add(execRecord(child, '/child'))
    pipeline.drain(1024)
    const [{ process_exec: exec }, ...others] = events()
    assert.equal(exec?.parent?.binary, '/held')
    assert.equal(exec?.process?.parent_exec_id, exec?.parent?.exec_id)
    assert.deepEqual(others, [])
  })

  it('of ended processes are dropped without being kept, when half of the ring is full', () => {
    const { ring, hit, fill, counters } = filtering(held)
    const short = { ...child, parent: shell }
    ring.add(execRecord(held, '/held', 'held\0older'), execRecord(short, '/short'))
    ring.add(exitRecord(short, 0, 3600))
    const later = { ...child, pid: 103, start: 5000, ktime: 5500 }
    ring.add(execRecord(later, '/later'))
    fill(4000)
    // Later records stay in the ring.
    assert.deepEqual([counters.get('heldRecords'), ring.pending > 0], [3, true])
    assert.equal(counters.get('heldProcesses'), 1)
    assert.equal(hit(held, 4500)[0]?.process?.arguments, 'older')
    assert.equal(hit(later, 5600)[0]?.parent?.binary, '/held')
  })

  it('are left alone if the ring has been freed since', () => {
    const { ring, fill, counters } = filtering(held)
    ring.add(execRecord(held, '/held'))
    fill(4000, false)
    assert.equal(counters.get('heldRecords'), 0)
    fill(4000)
    assert.equal(counters.get('heldRecords'), 1)
  })

  it('keep ended ancestors of processes that live', () => {
    const { ring, hit, fill } = filtering(child)
    ring.add(execRecord(held, '/held'), execRecord(child, '/child'), exitRecord(held, 0, 3600))
    fill(4000)
    const [event] = hit(child, 4500)
    assert.equal(event?.process?.binary, '/child')
    assert.equal(event?.parent?.binary, '/held')
  })

  it('have the program of a long line of forks', () => {
    const { ring, hit, counters } = filtering()
    ring.add(execRecord(held, '/held'))
    let last: TestProcess = held
    for (let batch = 0; batch < 10; batch++) {
      for (let i = 0; i < 1500; i++) {
        const start: number = (last.ktime ?? last.start) + 1
        last = { pid: last.pid + 1, start, ktime: start, parent: last }
        ring.add(forkRecord(last))
      }
      // All are read and kept for a hit of an unknown process.
      hit({ pid: 1, start: 1 }, last.start)
      ring.reuse()
    }
    assert.equal(counters.get('heldRecords'), 15_001)
    const [event] = hit(last, last.start + 1)
    assert.equal(event?.process?.binary, '/held')
    assert.equal(event?.parent?.pid, last.parent?.pid)
  })

  it('keep the program of a line of forks when half of the ring is full', () => {
    const line: TestProcess[] = [held]
    for (let i = 0; i < 200; i++) {
      const [parent] = line.slice(-1)
      const start = (parent.ktime ?? parent.start) + 1
      line.push({ pid: parent.pid + 1, start, ktime: start, parent })
    }
    const [last] = line.slice(-1)
    const { ring, hit, fill } = filtering(last)
    ring.add(execRecord(held, '/held'), ...line.slice(1).map((each) => forkRecord(each)))
    ring.add(...line.slice(0, -1).map((each) => exitRecord(each, 0, last.start + 1)))
    fill(last.start + 2)
    assert.equal(hit(last, last.start + 3)[0]?.process?.binary, '/held')
  })

  it('introduce a process whose child was introduced as that of another parent', () => {
    const { ring, hit } = filtering()
    // clone(2) with CLONE_PARENT.
    const sibling = { ...child, ktime: child.start, execs: 0, parent: shell }
    ring.add(execRecord(held, '/held'), forkRecord(sibling, held))
    assert.equal(hit(sibling, 3700)[0]?.process?.binary, '/held')
    const [event] = hit(held, 3800)
    assert.equal(event?.process?.binary, '/held')
    assert.equal(event?.parent?.pid, 100)
  })

  describe('of a process whose parent has ended', () => {
    const posted: TestProcess = { pid: 200, start: 2000, ktime: 2100, execs: 1, parent: shell }
    const forked: TestProcess = { pid: 201, start: 2200, parent: posted }
    const executed: TestProcess = { ...forked, ktime: 5000, execs: 1 }

    /** A parent with a posted exec and exit, and a child that is held. */
    function orphaned(...living: readonly TestProcess[]) {
      const test = filtering(...living)
      const { source, pipeline, ring, events } = test
      const post = (...records: readonly Uint8Array[]) => {
        source.add(...records)
        pipeline.drain(1024)
        return events()
      }
      post(execRecord(posted, '/posted'))
      ring.add(forkRecord(forked))
      post(exitRecord(posted, 0, 2300))
      // More than the cache remembers for a moment.
      for (let pid = 300; pid < 400; pid++) {
        const other = { pid, start: 2400, ktime: 2401, execs: 1, parent: shell }
        post(execRecord(other, '/other'), exitRecord(other, 0, 2402))
      }
      return { ...test, post }
    }

    it('name the parent, whose events were posted', () => {
      const { ring, hit } = orphaned()
      ring.add(execRecord(executed, '/child'), exitRecord(executed, 0, 6000))
      const [event] = hit(executed, 5500)
      assert.equal(event?.process?.binary, '/child')
      assert.equal(event?.parent?.binary, '/posted')
    })

    it('name the parent when the exec is posted', () => {
      const { post } = orphaned()
      const [{ process_exec: exec }] = post(execRecord(executed, '/child'))
      assert.equal(exec?.parent?.binary, '/posted')
    })

    it('name the parent after half of the ring was full several times', () => {
      const { ring, hit, fill } = orphaned(forked)
      for (const time of [3000, 3001, 3002]) fill(time)
      ring.add(execRecord(executed, '/child'))
      assert.equal(hit(executed, 5500)[0]?.parent?.binary, '/posted')
    })

    it('name the parent after they have been read and kept', () => {
      const { ring, hit, fill } = orphaned(forked)
      hit({ pid: 1, start: 1 }, 2900)
      for (const time of [3000, 3001, 3002]) fill(time)
      ring.add(execRecord(executed, '/child'))
      assert.equal(hit(executed, 5500)[0]?.parent?.binary, '/posted')
    })

    it('run the program of the process that cloned them, which has ended, too', () => {
      const { ring, post, hit } = orphaned()
      const cloner = { pid: 202, start: 6000, ktime: 6100, execs: 1, parent: shell }
      const sibling = { pid: 203, start: 6200, parent: shell }
      post(execRecord(cloner, '/cloner'))
      ring.add(forkRecord(sibling, cloner))
      post(exitRecord(cloner, 0, 6300))
      assert.equal(hit(sibling, 6400)[0]?.process?.binary, '/cloner')
    })

    it('name the image that has replaced itself since', () => {
      const { ring, post, hit } = orphaned()
      const first = { pid: 202, start: 6000, ktime: 6100, execs: 1, parent: shell }
      post(execRecord(first, '/first'))
      const late = { pid: 203, start: 6200, parent: first }
      ring.add(forkRecord(late))
      const second = { ...first, ktime: 6300, execs: 2, parent: first }
      post(execRecord(second, '/second'))
      const [event] = hit(late, 6400)
      assert.equal(event?.parent?.binary, '/first')
      const later = { ...late, ktime: 6600, execs: 1 }
      post(exitRecord(second, 0, 6500))
      ring.add(execRecord(later, '/later'))
      assert.equal(hit(later, 6700)[0]?.parent?.binary, '/first')
    })

    it('name a parent whose record was dropped while it lived', () => {
      const { ring, hit, fill } = filtering(held)
      ring.add(execRecord(held, '/held'))
      fill(2600)
      ring.add(execRecord(child, '/child'), exitRecord(held, 0, 3600))
      assert.equal(hit(child, 3700)[0]?.parent?.binary, '/held')
    })

    it('are read after many other exits, and only their parents are remembered', () => {
      const { source, post, hit, counters } = orphaned()
      for (let pid = 1000; pid < 10_200; pid++) {
        const other = { pid, start: 2400, ktime: 2401, execs: 1, parent: shell }
        source.reuse()
        post(execRecord(other, '/other'), exitRecord(other, 0, 2402))
      }
      assert.equal(counters.get('heldRecords'), 1)
      assert.ok(counters.get('rememberedProcesses') < 9000)
      assert.equal(hit(forked, 2500)[0]?.parent?.binary, '/posted')
    })

    it('let go of the parent when the child has ended, too', () => {
      const { pipeline, ring, fill, counters } = orphaned()
      ring.add(exitRecord(forked, 0, 2900))
      assert.ok(counters.get('rememberedProcesses') > 100)
      for (const time of [3000, 3001, 3002]) fill(time)
      const binaries = pipeline.cachedProcesses().map(({ json }) => JSON.parse(json).binary)
      assert.ok(!binaries.includes('/posted'), String(binaries))
      // The kernel and the shell.
      assert.equal(counters.get('rememberedProcesses'), 2)
    })
  })

  it('know a process that has ended between the half and its reading', () => {
    // The kernel knows it no more.
    const { ring, hit, fill } = filtering()
    ring.add(execRecord(held, '/held'), execRecord(child, '/child'))
    fill(4000)
    ring.add(exitRecord(held, 0, 4200), exitRecord(child, 0, 4300))
    const [event] = hit(child, 4100)
    assert.equal(event?.process?.binary, '/child')
    assert.equal(event?.parent?.binary, '/held')
  })

  it('end processes without an event', () => {
    const { source, ring, hit, pipeline, events, counters } = filtering(held)
    ring.add(execRecord(held, '/held'))
    hit(held, 2700)
    ring.add(exitRecord(held, 0, 2800))
    // The pid is used again.
    source.add(execRecord({ ...held, start: 7000, ktime: 7500, parent: shell }, '/new'))
    pipeline.drain(1024)
    const kinds = events().map((event) => Object.keys(event).find((name) => /^process_/.test(name)))
    assert.deepEqual(kinds, ['process_exec'])
    assert.equal(counters.get('lostExits'), 0)
  })

  it('introduce a child without an exec whose exit is posted', () => {
    const { source, ring, pipeline, events, counters } = filtering()
    const forked = { ...held, ktime: 2000, execs: 0 }
    ring.add(forkRecord(forked))
    source.add(exitRecord(forked, 3 << 8, 2900))
    pipeline.drain(1024)
    const [{ process_exit: exit }] = events()
    assert.equal(exit?.status, 3)
    assert.equal(exit?.parent?.pid, 100)
    assert.equal(counters.get('unknownExits'), 0)
  })

  it('stay in the kernel until an event refers to their process', () => {
    const { images, hit } = filtering(held)
    images.set(held.pid, [execRecord(held, '/held', 'held\0a')])
    hit(shell, 2600)
    assert.equal(images.size, 1)
    const [event] = hit(held, 2700)
    assert.equal(event?.process?.arguments, 'a')
    assert.equal(event?.parent?.pid, 100)
    assert.equal(images.size, 0)
  })

  it('are one if they come from the kernel and by the ring, in any order', () => {
    const test = filtering(child)
    const { images, ring, hit, counters } = test
    const fork = { ...child, ktime: 3000, execs: 1, parent: shell }
    const exec = { ...child, parent: shell }
    images.set(child.pid, [execRecord(exec, '/child')])
    assert.equal(hit(exec, 3600)[0]?.process?.binary, '/child')
    ring.add(forkRecord(fork), execRecord(exec, '/child'))
    // The program of the shell, whose path is empty.
    assert.equal(hit(fork, 3200)[0]?.process?.binary, '')
    assert.equal(hit(exec, 3700)[0]?.process?.binary, '/child')
    assert.equal(counters.get('heldProcesses'), 2)
    ring.add(exitRecord(exec, 0, 3800))
    hit({ pid: 1, start: 1 }, 3900)
    assert.deepEqual(livePids(test), [0, 100])
  })

  it('of processes that the kernel keeps have ancestors, when half of the ring is full', () => {
    const { images, ring, hit, fill } = filtering(child)
    ring.add(execRecord(held, '/held'), exitRecord(held, 0, 3600))
    images.set(child.pid, [execRecord(child, '/child')])
    fill(4000)
    assert.equal(images.size, 0)
    const [event] = hit(child, 4500)
    assert.equal(event?.process?.binary, '/child')
    assert.equal(event?.parent?.binary, '/held')
  })

  it('name a posted parent that has ended while the kernel kept its child', () => {
    const { images, source, hit, pipeline } = filtering(child)
    images.set(child.pid, [execRecord({ ...child, parent: shell }, '/child')])
    source.add(exitRecord(shell, 0, 3600))
    // More than are remembered otherwise.
    for (let pid = 1000; pid < 3000; pid++) {
      const other = { pid, start: 4000 + pid, ktime: 4500 + pid, execs: 1 }
      source.add(execRecord(other, '/other'), exitRecord(other, 0, 5000 + pid))
      pipeline.drain(1024)
      source.reuse()
    }
    assert.equal(hit({ ...child, parent: shell }, 9000).at(-1)?.parent?.pid, 100)
  })
})
