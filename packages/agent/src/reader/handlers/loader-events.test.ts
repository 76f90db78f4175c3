import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import type { Mapping, MappingObserver } from '@tetragon-ts/ebpf/perf-ring'
import { ExecIds, type Process } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import { noWorkload } from '../../processes/workload.ts'
import { Containers } from '../../workloads/containers.ts'
import { plainContent } from '../event-content.ts'
import { EventBuffer, WallClock } from '../json/event-lines.ts'
import { NodeFields } from '../json/node-fields.ts'
import { LoaderEvents } from './loader-events.ts'

const execIds = new ExecIds('n')

let now = 1000
beforeEach(() => {
  now = 1000
  mock.method(performance, 'now', () => now)
})
afterEach(() => mock.restoreAll())

function process(pid: number, ktime: number, binary: string, parent?: Process): Process {
  return {
    pid,
    start: 100,
    execs: 1,
    ktime,
    ktimeHigh: 0,
    ktimeLow: ktime,
    parent,
    flags: 0,
    execId: execIds.format(0, ktime, pid),
    parentExecId: '',
    euid: 0,
    auid: 0,
    namespacePid: 0,
    workload: noWorkload,
    image: `,"binary":"${binary}"`,
    details: '',
    json: undefined,
    references: 1,
  }
}

/** Handles records that are given to `read`; `take` returns the events as lines of words. */
function loader() {
  const out = new EventBuffer()
  const cache = new ProcessCache()
  const events = new LoaderEvents(
    {
      out,
      clock: new WallClock(0n),
      cache,
      procfs: '/proc',
      execIds,
      containers: new Containers(),
      node: new NodeFields('n', ''),
      content: plainContent,
    },
    { end: 0, hasReached: () => true },
    () => {},
  )
  let next: ((observer: MappingObserver) => void) | undefined
  let isClosed = false
  let reads = 0
  events.start({
    isBusy: false,
    read(observer) {
      reads++
      const write = next
      next = undefined
      write?.(observer)
      return Number.POSITIVE_INFINITY
    },
    readAll: () => {},
    followCpus: () => {},
    close: () => {
      isClosed = true
    },
  })
  const take = (): string[] => {
    const lines = out.bytes.toString('utf8', 0, out.length).split('\n').slice(0, -1)
    out.clear()
    return lines.map((line) => {
      const parsed = parseEvent(line)
      assert.ok(parsed.ok, line)
      const { process_loader: body, time, node_name } = parsed.event.response
      assert.deepEqual([time, node_name], [undefined, 'n'])
      const { process: { binary = '?', tid } = {}, path, buildid } = body ?? {}
      return [binary, tid, path, buildid].join(' ')
    })
  }
  const read = (write: (observer: MappingObserver) => void): string[] => {
    next = write
    now += events.rest
    events.endBatch()
    return take()
  }
  return { events, cache, read, take, isClosed: () => isClosed, reads: () => reads }
}

function mapping(time: number, path: string, tid = 7): Mapping {
  return {
    pid: 7,
    tid,
    time: BigInt(time),
    address: 0n,
    length: 4096n,
    file: undefined,
    path: Buffer.from(path),
    buildId: Uint8Array.of(1, 2, 255),
  }
}

test('an event has the process, the path and the build id, and no time', () => {
  const { cache, read, events } = loader()
  cache.add(process(7, 200, '/bin/a'))
  assert.deepEqual(
    read(({ mapped }) => mapped(mapping(300, '/lib/"x"\n', 8))),
    ['/bin/a 8 /lib/"x"\n AQL/'],
  )
  assert.equal(events.written, 1)
})

test('mappings of an execve wait for its record', () => {
  const { cache, read, take, events } = loader()
  cache.add(process(7, 200, '/bin/old'))
  assert.deepEqual(
    read(({ mapped, executing }) => {
      mapped(mapping(350, '/bin/new'))
      executing(7, 340n)
      mapped(mapping(300, '/lib/old'))
    }),
    ['/bin/old 7 /lib/old AQL/'],
  )
  assert.equal(events.rest, 4)
  now += 4
  events.endBatch()
  assert.deepEqual(take(), [])
  cache.add(process(7, 400, '/bin/new', cache.get(7)))
  now += 4
  events.endBatch()
  assert.deepEqual(take(), ['/bin/new 7 /bin/new AQL/'])
})

test('wake-ups of the reader do not read the rings more often', () => {
  const { cache, read, events, reads } = loader()
  cache.add(process(7, 200, '/bin/a'))
  read(({ mapped }) => mapped(mapping(300, '/x')))
  const before = reads()
  assert.equal(events.rest, 48)
  for (; events.rest > 0; now += 1) events.endBatch()
  assert.equal(reads(), before)
  events.endBatch()
  assert.ok(reads() > before)
})

test('an unknown process is marked', () => {
  const { read } = loader()
  assert.deepEqual(
    read(({ mapped }) => mapped(mapping(300, '/x'))),
    ['?  /x AQL/'],
  )
})

test('the end writes what waits, and closes the rings', () => {
  const { cache, read, take, events, isClosed } = loader()
  cache.add(process(7, 200, '/bin/old'))
  read(({ mapped, executing }) => {
    executing(7, 340n)
    mapped(mapping(350, '/bin/new'))
  })
  events.finish()
  assert.deepEqual(take(), ['?  /bin/new AQL/'])
  assert.ok(isClosed())
  assert.equal(events.rest, Number.POSITIVE_INFINITY)
})
