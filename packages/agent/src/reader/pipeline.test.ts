import assert from 'node:assert/strict'
import { readFileSync, realpathSync } from 'node:fs'
import { describe, it } from 'node:test'
import { codecOf, processFlags as flags, GetEventsResponse, type Process } from '@tetragon-ts/api'
import { enforcementOutcomes } from '@tetragon-ts/compiler/hooks'
import { noCounts } from '@tetragon-ts/outputs/queue'
import { FileSink, type LineTarget } from './outputs/file-sink.ts'
import { frameEnd, framePrefix } from './outputs/framing.ts'
import { LineQueue, type LineRange } from './outputs/line-queue.ts'
import { makeRingMemory, SharedRing } from './outputs/shared-ring.ts'
import { shell, startedPipeline, testPipeline } from './testing/test-pipeline.ts'
import {
  execRecord,
  exitRecord,
  forkRecord,
  hookRecordBytes,
  runningRecord,
  type TestProcess,
  testHook,
} from './testing/test-records.ts'

const codec = codecOf(GetEventsResponse)

const child: TestProcess = { pid: 101, start: 2000, ktime: 2500, execs: 1, parent: shell }

describe('a pipeline', () => {
  it('begins with the kernel, and holds records back until the running processes are known', () => {
    const { pipeline, source, events } = testPipeline()
    pipeline.begin()
    assert.deepEqual(
      events().map(({ process_exec: exec }) => exec?.process?.pid),
      [0],
    )
    source.add(execRecord(child, '/bin/true'), runningRecord(shell))
    pipeline.drain(1024)
    assert.deepEqual(events(), [])
    pipeline.discovered(undefined)
    assert.deepEqual(
      events().map(({ process_exec: exec }) => [exec?.process?.pid, exec?.parent?.pid]),
      [
        [100, 0],
        [101, 100],
      ],
    )
  })

  it('marks a running process that ends before its files are read', () => {
    const { pipeline, source, events } = testPipeline()
    pipeline.begin()
    // Larger than any pid.
    const [ended, alive] = [2 ** 22 + 1, process.pid]
    source.add(...[ended, alive].map((pid) => runningRecord({ ...child, pid })))
    pipeline.drain(1024)
    pipeline.discovered(undefined)
    const found = events().map(({ process_exec: exec }) => exec?.process)
    const one = (pid: number) => found.find((each) => each?.pid === pid)
    assert.deepEqual([one(ended)?.binary, one(ended)?.flags], ['', 'procFS miss'])
    assert.deepEqual([one(alive)?.binary, one(alive)?.flags], [process.execPath, 'procFS'])
  })

  it('streams the right processes after hits that only rules could need', () => {
    const { pipeline, tap, source, sink, failures } = startedPipeline()
    const hook = testHook(8)
    pipeline.hooks.add({ ...testHook(7), onlyFindings: true })
    pipeline.hooks.add(hook)
    const ring = new SharedRing(makeRingMemory(1 << 20))
    tap.stream(ring.buffer)
    const other: TestProcess = { ...child, pid: 102, start: 3000, ktime: 3500 }
    const starts = [execRecord(child, '/bin/long/name'), execRecord(other, '/bin/b')]
    // The dropped event and the next one have their processes at the same offset.
    const dropped = [child, other].map((each) => hookRecordBytes(testHook(7), each, 4000, {}))
    const kept = [other, child].map((each) => hookRecordBytes(hook, each, 4000, {}))
    source.add(...starts, dropped[0]!, kept[0]!, dropped[1]!, kept[1]!, exitRecord(child, 0, 5000))
    pipeline.drain(1024)
    const frames = ring.read(1 << 20)!
    const sent: unknown[] = []
    for (let at = 0; at < frames.length; at = frameEnd(frames, at)) {
      sent.push(codec.decode(frames.subarray(at + framePrefix, frameEnd(frames, at))))
    }
    const written = sink.lines.map((line) => codec.decode(codec.encode(JSON.parse(line))))
    assert.deepEqual(sent, written)
    assert.equal(written.length, 5)
    assert.deepEqual([ring.takeLost(), failures], [undefined, []])
  })

  it('names the leader of a session: itself, or the process that had the pid then', () => {
    const { pipeline, source, events } = startedPipeline()
    source.add(execRecord(child, '/bin/leads', '', child.pid))
    const member: TestProcess = { pid: 102, start: 3000, ktime: 3500, execs: 1, parent: shell }
    source.add(execRecord(member, '/bin/member', '', child.pid))
    // Read later than that of the next process with the pid of the leader.
    const next: TestProcess = { pid: 101, start: 5000, ktime: 5500, execs: 1, parent: shell }
    const late: TestProcess = { pid: 103, start: 4000, ktime: 4500, execs: 1, parent: shell }
    source.add(exitRecord(child, 0, 4200), execRecord(next, '/bin/next'))
    source.add(execRecord(late, '/bin/late', '', child.pid))
    pipeline.drain(1024)
    const processes = events().flatMap(({ process_exec: exec }) => exec?.process ?? [])
    const [leader, ...others] = processes
    assert.deepEqual(
      [leader, ...others].map((each) => each.session_leader_exec_id),
      [leader.exec_id, leader.exec_id, undefined, undefined],
    )
  })

  it('writes the life of a process', () => {
    const { pipeline, source, events, counters } = startedPipeline()
    const forked = { ...child, ktime: 2000, execs: 0 }
    source.add(forkRecord(forked), execRecord(child, '/bin/true', 'true\0a\0b'))
    source.add(exitRecord(child, 3 << 8, 9000))
    pipeline.drain(1024)
    const [exec, exit, ...others] = events()
    assert.deepEqual(others, [])
    assert.equal(exec.process_exec?.process?.binary, '/bin/true')
    assert.equal(exec.process_exec?.process?.arguments, 'a b')
    // The kernel, pid 0, is the leader of no session.
    assert.equal(exec.process_exec?.process?.session_leader_exec_id, undefined)
    assert.equal(exit.process_exit?.process?.exec_id, exec.process_exec?.process?.exec_id)
    assert.equal(exit.process_exit?.status, 3)
    assert.equal(exit.process_exit?.parent?.pid, 100)
    assert.deepEqual(
      [counters.get('forkRecords'), counters.get('exitRecords'), counters.get('unknownExits')],
      [1, 1, 0],
    )
  })

  it('distinguishes processes with the same pid', () => {
    const { pipeline, source, events, counters } = startedPipeline()
    source.add(execRecord(child, '/bin/true'))
    source.add(execRecord({ ...child, start: 5000, ktime: 6000 }, '/bin/false'))
    pipeline.drain(1024)
    const kinds = events().map((event) => Object.keys(event).find((name) => /^process_/.test(name)))
    assert.deepEqual(kinds, ['process_exec', 'process_exit', 'process_exec'])
    assert.equal(counters.get('lostExits'), 1)
  })

  it('counts exits of processes that it does not know', () => {
    const { pipeline, source, events, counters } = startedPipeline()
    source.add(exitRecord({ pid: 999, start: 5 }, 0, 9000))
    pipeline.drain(1024)
    assert.equal(events().length, 1)
    assert.equal(counters.get('unknownExits'), 1)
  })

  it('stops a batch when the sink has enough', () => {
    const { pipeline, source, sink } = startedPipeline()
    sink.queuedBytes = 1 << 23
    const long = 'x'.repeat(3000)
    // More than fits into the buffer of events: 256 KiB.
    for (let i = 0; i < 15; i++) source.add(execRecord({ ...child, execs: i }, '/bin/true', long))
    assert.equal(pipeline.drain(1024), false)
    assert.equal(sink.lines.length, 15)
  })

  it('reads at most the limit', () => {
    const { pipeline, source } = startedPipeline()
    source.add(...[1, 2, 3].map((execs) => execRecord({ ...child, execs }, '/bin/true')))
    assert.equal(pipeline.drain(2), true)
    assert.equal(pipeline.drain(2), false)
  })

  it('knows its processes', () => {
    const { pipeline } = startedPipeline()
    const pids = pipeline.cachedProcesses().map(({ json }) => JSON.parse(json).pid)
    assert.deepEqual(pids.sort(), [0, 100])
  })
})

describe('events of hooks', () => {
  it('have the process, the arguments and the policy', () => {
    const { pipeline, source, events } = startedPipeline()
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    const values = { a0: { value: 5 }, a1: { mode: 0o100644 }, a1_tail: '/etc/passwd' }
    source.add(hookRecordBytes(hook, shell, 3000, values))
    pipeline.drain(1024)
    const [{ process_kprobe: kprobe }] = events()
    assert.equal(kprobe?.process?.pid, 100)
    assert.equal(kprobe?.function_name, 'vfs_read')
    assert.equal(kprobe?.policy_name, 'p')
    const path = { path: '/etc/passwd', permission: '-rw-r--r--' }
    assert.deepEqual(
      kprobe?.args?.map(({ int_arg, file_arg }) => [int_arg, file_arg?.path]),
      [
        [5, undefined],
        [undefined, path.path],
      ],
    )
  })

  it('wait for the return, and are written without it when the process ends', () => {
    const { pipeline, source, events, counters } = startedPipeline()
    const hook = testHook(7, true)
    pipeline.hooks.add(hook)
    const values = { a0: { value: 5 }, a1_tail: '/x' }
    source.add(hookRecordBytes(hook, shell, 3000, values))
    pipeline.drain(1024)
    assert.deepEqual(events(), [])
    source.add(hookRecordBytes(hook, shell, 3000, { r: { value: 42 } }, 'return'))
    pipeline.drain(1024)
    assert.equal(events()[0].process_kprobe?.return?.int_arg, 42)
    source.add(hookRecordBytes(hook, shell, 4000, values), exitRecord(shell, 0, 5000))
    pipeline.drain(1024)
    const [event] = events()
    assert.equal(event.process_kprobe?.return, undefined)
    assert.equal(pipeline.hooks.takeAbandoned().length, 1)
    assert.equal(counters.get('hookRecords'), 3)
  })

  it('have the image that a process began while the running processes were found', () => {
    const { pipeline, source, events } = testPipeline()
    pipeline.begin()
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    // The walk finds a process whose parent began another image before, and ends just now.
    const parent = { pid: 102, start: 1500 }
    const found = { pid: 101, start: 2000, parent }
    const next = { ...found, ktime: 2800, execs: 1, parent: found }
    source.add(execRecord({ ...parent, ktime: 1800, execs: 1, parent: shell }, '/bin/sh'))
    source.add(runningRecord(shell), runningRecord(found))
    source.add(exitRecord({ ...parent, ktime: 1800 }, 0, 2700), execRecord(next, '/bin/true'))
    pipeline.drain(1024)
    pipeline.discovered(undefined)
    source.add(hookRecordBytes(hook, next, 3000, {}), exitRecord(next, 0, 4000))
    pipeline.drain(1024)
    const all = events()
    const execs = all.flatMap(({ process_exec: exec }) => exec?.process ?? [])
    const images = execs.filter(({ pid }) => pid === 101)
    assert.deepEqual(
      images.map(({ binary }) => binary),
      ['', '/bin/true'],
    )
    const hit = all.find(({ process_kprobe: kprobe }) => kprobe)?.process_kprobe
    assert.equal(hit?.process?.exec_id, images[1].exec_id)
    assert.equal(all.at(-1)?.process_exit?.process?.exec_id, images[1].exec_id)
    assert.ok(!pipeline.cachedProcesses().some(({ json }) => JSON.parse(json).pid === 101))
  })

  it('have the image that a process executed before execs were hooked', () => {
    const { pipeline, source, events } = testPipeline()
    pipeline.begin()
    const executed = { ...child, ktime: child.start, execs: 1 }
    const below: TestProcess = { pid: 102, start: 2600, execs: 1, parent: executed }
    source.add(
      runningRecord(shell),
      forkRecord({ ...executed, execs: 0 }),
      forkRecord(below),
      // The walk after execs were hooked.
      runningRecord({ ...shell, execs: 1 }),
      runningRecord(executed),
    )
    pipeline.drain(1024)
    pipeline.discovered(undefined)
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    const [, ...execs] = events()
    assert.deepEqual(
      execs.map(({ process_exec: exec }) => exec?.process?.pid),
      [100, 101],
    )
    for (const process of [{ ...shell, execs: 1 }, executed, below]) {
      source.add(hookRecordBytes(hook, process, 3000, {}))
    }
    pipeline.drain(1024)
    const hits = events().map(({ process_kprobe: hit }) => hit)
    const ids = execs.map(({ process_exec: exec }) => exec?.process?.exec_id)
    assert.deepEqual(hits.map((hit) => [hit?.process?.pid, hit?.parent?.exec_id]).slice(1), [
      [101, ids[0]],
      [102, ids[1]],
    ])
    assert.deepEqual(
      hits.slice(0, 2).map((hit) => hit?.process?.exec_id),
      ids,
    )
  })

  it('have the program in /proc if that of the forking process is not known', () => {
    const { pipeline, source, events } = testPipeline()
    pipeline.begin()
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // In ticks of 10 ms.
    const start = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) * 1e7
    const own: TestProcess = { pid: process.pid, start, parent: { pid: 99, start: 7 } }
    source.add(forkRecord(own), forkRecord({ ...own, pid: 4_194_304 }))
    pipeline.drain(1024)
    pipeline.discovered(undefined)
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    // The second one has ended.
    for (const pid of [own.pid, 4_194_304]) {
      source.add(hookRecordBytes(hook, { ...own, pid }, 3000, {}))
    }
    events()
    pipeline.drain(1024)
    const binaries = events().map(({ process_kprobe: hit }) => hit?.process?.binary)
    assert.deepEqual(binaries, [realpathSync(process.execPath), undefined])
  })

  it('have the process that the kernel finds if no record introduced it', () => {
    const { pipeline, source, events, counters } = testPipeline()
    pipeline.begin()
    source.add(runningRecord(shell))
    pipeline.drain(1024)
    const asked: unknown[] = []
    let answer: TestProcess | undefined = child
    pipeline.discovered({
      find(...question) {
        asked.push(question)
        return answer && runningRecord(answer)
      },
    })
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    events()
    const hit = (process: TestProcess, time = 3000) => {
      source.add(hookRecordBytes(hook, process, time, {}))
      pipeline.drain(1024)
      return events()
    }
    const [exec, kprobe] = hit(child)
    assert.equal(exec.process_exec?.process?.flags?.split(' ')[0], 'procFS')
    assert.equal(exec.process_exec?.parent?.pid, 100)
    const id = exec.process_exec?.process?.exec_id
    assert.equal(kprobe.process_kprobe?.process?.exec_id, id)
    assert.deepEqual(asked.splice(0), [[101, 1, 3000n]])
    // Of a hit within an exec, whose record follows.
    answer = { ...child, ktime: 3500, execs: 2 }
    const [within, ...others] = hit({ ...child, execs: 2 }, 3400)
    assert.deepEqual([within.process_kprobe?.process?.exec_id, others], [id, []])
    // The exec failed, which ends the process.
    answer = child
    assert.equal(hit({ ...child, execs: 2 }, 3450)[0].process_kprobe?.process?.exec_id, id)
    // Neither another process with the pid nor an ended one is in the cache now.
    answer = { ...child, start: 9000, ktime: 9000, execs: 0 }
    assert.equal(hit({ ...child, start: 1 })[0].process_kprobe?.process?.exec_id, undefined)
    answer = undefined
    const gone = { pid: 300, start: 5 }
    for (let i = 0; i < 3; i++) assert.equal(hit(gone)[0].process_kprobe?.process?.pid, 300)
    assert.deepEqual(
      asked.map((question) => (question as unknown[])[0]),
      [101, 101, 300],
    )
    assert.equal(counters.get('liveProcesses'), 3)
    assert.equal(counters.get('unknownProcesses'), 4)
  })

  it('have the process that its next exec introduces if no program saw its fork', () => {
    const { pipeline, source, events } = startedPipeline()
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    const forked: TestProcess = { pid: 300, start: 5000, execs: 1, parent: shell }
    const executed = { ...forked, ktime: 5900, execs: 2, flags: flags.clone | flags.miss }
    const other = { ...executed, pid: 301, execs: 3 }
    const replaced = { ...executed, pid: 302, flags: 0 }
    source.add(
      hookRecordBytes(hook, forked, 5500, {}),
      hookRecordBytes(hook, { ...forked, start: 1 }, 5500, {}),
      hookRecordBytes(hook, { ...forked, pid: 301 }, 5500, {}),
      hookRecordBytes(hook, { ...forked, pid: 302 }, 5500, {}),
      execRecord(executed, '/bin/true'),
      execRecord(other, '/bin/true'),
      execRecord(replaced, '/bin/true'),
      exitRecord(executed, 0, 6000),
    )
    pipeline.drain(1024)
    const all = events()
    const hits = all.flatMap(({ process_kprobe: hit }) => (hit ? [hit] : []))
    const [{ process, parent }, ...unknown] = hits
    assert.deepEqual([process?.pid, process?.flags, parent?.pid], [300, 'miss clone', 100])
    assert.equal(parent?.exec_id, process?.parent_exec_id)
    // Another process with the pid, another image, and one that has replaced its image.
    assert.deepEqual(
      unknown.map((hit) => hit.process?.exec_id),
      [undefined, undefined, undefined],
    )
    const exec = all.find(({ process_exec: found }) => found)?.process_exec
    assert.deepEqual([exec?.process?.pid, exec?.parent?.pid], [300, 100])
    assert.notEqual(exec?.process?.exec_id, process?.exec_id)
    assert.equal(all.filter((event) => event.process_exit).length, 1)
  })

  it('have an image of their own if no program saw its exec and its process has ended', () => {
    const { pipeline, source, events, counters } = testPipeline()
    pipeline.begin()
    source.add(runningRecord(shell))
    pipeline.drain(1024)
    pipeline.discovered({ find: () => undefined })
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    events()
    const second = { ...child, execs: 2 }
    const third = { ...child, execs: 3, ktime: 3600 }
    source.add(
      execRecord(child, '/bin/true'),
      hookRecordBytes(hook, second, 3400, {}),
      // Within an exec that a program saw.
      hookRecordBytes(hook, third, 3500, {}),
      execRecord(third, '/bin/false'),
      hookRecordBytes(hook, { ...child, execs: 4 }, 3700, {}),
      hookRecordBytes(hook, { ...child, execs: 4 }, 3800, {}),
      // The kernel's table has the image before.
      exitRecord(third, 0, 4000),
      // An earlier image cannot be inferred.
      hookRecordBytes(hook, { ...child, execs: 2, start: 1 }, 4100, {}),
    )
    pipeline.drain(1024)
    const all = events()
    const ids = all.flatMap(({ process_exec: exec }) => exec?.process?.exec_id ?? [])
    assert.equal(new Set(ids).size, 4)
    const [first, inferred, seen, last] = ids
    const hits = all.flatMap(({ process_kprobe: hit }) => (hit ? [hit.process?.exec_id] : []))
    assert.deepEqual(hits, [inferred, inferred, last, last, undefined])
    const events4 = all.flatMap(({ process_exec: exec }) => exec?.process ?? [])
    const { flags, parent_exec_id: parent, binary = '' } = events4[1]
    assert.deepEqual(
      [flags?.split(' ').toSorted(), parent, binary],
      [['execve', 'miss'], first, ''],
    )
    assert.equal(events4[3].parent_exec_id, seen)
    const exits = all.flatMap(({ process_exit: exit }) => exit?.process?.exec_id ?? [])
    assert.deepEqual(exits, [last])
    assert.equal(counters.get('unknownExits'), 0)
  })

  it('mark a process as unknown instead of using another image or process', () => {
    const { pipeline, source, events, counters } = startedPipeline()
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    source.add(hookRecordBytes(hook, { ...shell, start: 77 }, 3000, {}))
    pipeline.drain(1024)
    const [{ process_kprobe: kprobe }] = events()
    assert.equal(kprobe?.process?.pid, 100)
    assert.equal(kprobe?.process?.binary ?? '', '')
    assert.equal(counters.get('unknownProcesses'), 1)
    assert.equal(counters.get('staleProcesses'), 1)
  })

  it('of hooks that were removed are counted', () => {
    const { pipeline, source, events, counters } = startedPipeline()
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    pipeline.hooks.remove(7, 0n)
    source.add(hookRecordBytes(hook, shell, 3000, {}))
    pipeline.drain(1024)
    assert.deepEqual(events(), [])
    assert.equal(counters.get('unknownHooks'), 1)
  })
})

/** A file system that responds on request. */
class StuckTarget implements LineTarget {
  readonly lines: string[] = []
  readonly lostEvents = noCounts()
  writtenEvents = 0
  writtenBytes = 0
  readonly #isFree: Promise<void>

  constructor(isFree: Promise<void>) {
    this.#isFree = isFree
  }

  async append(ranges: readonly LineRange[]): Promise<number> {
    await this.#isFree
    for (const { bytes, from, to } of ranges) {
      this.lines.push(...bytes.toString('utf8', from, to).split('\n').slice(0, -1))
      this.writtenBytes += to - from
    }
    this.writtenEvents = this.lines.length
    return 0
  }

  close(): void {}
}

describe('a pipeline whose output is blocked', () => {
  it('loses hook events only, and writes the others in order', async () => {
    let free = (): void => {}
    const target = new StuckTarget(new Promise((resolve) => (free = resolve)))
    const queue = new LineQueue(1 << 21, (lost) =>
      Buffer.from(`{"rate_limit_info":{"number_of_dropped_process_events":"${lost}"}}\n`),
    )
    const sink = new FileSink(target, queue)
    const { pipeline, source, counters } = testPipeline(sink)
    pipeline.begin()
    source.add(runningRecord(shell))
    pipeline.drain(1024)
    pipeline.discovered(undefined)
    const hook = testHook(1)
    pipeline.hooks.add(hook)
    const pid = 1000
    const programs = 300
    for (let i = 0; i < programs; i++) {
      const process = { pid: pid + i, start: 5000 + i, execs: 1, parent: shell }
      const hits = Array.from({ length: 9 }, (_, n) =>
        hookRecordBytes(hook, process, 6000 + n, { a0: { value: n } }),
      )
      source.reuse()
      source.add(forkRecord({ ...process, execs: 0 }), execRecord(process, '/bin/x'))
      source.add(...hits, exitRecord(process, 0, 7000))
      while (pipeline.drain(1024)) sink.proceed()
      sink.proceed()
    }
    free()
    while (sink.pending !== undefined || sink.queuedBytes > 0) {
      sink.proceed()
      await sink.pending
    }
    sink.reportLoss()
    await sink.pending
    pipeline.countExported()
    const events = target.lines.map((line) => JSON.parse(line) as GetEventsResponse)
    const pids = (found: readonly (Process | undefined)[]): number[] =>
      found.map((process) => (process?.pid ?? 0) - pid).filter((number) => number >= 0)
    const all = Array.from({ length: programs }, (_, i) => i)
    assert.deepEqual(pids(events.map(({ process_exec }) => process_exec?.process)), all)
    assert.deepEqual(pids(events.map(({ process_exit }) => process_exit?.process)), all)
    const hits = events.filter(({ process_kprobe }) => process_kprobe).length
    const reported = events.reduce(
      (sum, { rate_limit_info: info }) => sum + Number(info?.number_of_dropped_process_events ?? 0),
      0,
    )
    assert.ok(hits > 0 && hits < 9 * programs)
    assert.equal(hits + reported, 9 * programs)
    const lost = ['sinkLost', 'hooksUnwritten', 'processesUnwritten'] as const
    assert.deepEqual(
      lost.map((name) => counters.get(name)),
      [reported, reported, 0],
    )
  })
})

describe('a pipeline that is far behind', () => {
  /** Kinds of the events of a hit, an enforced hit and an exit while the ring is so full. */
  function eventsAt(fill: number): string[] {
    const { pipeline, source, events } = startedPipeline()
    const hook = testHook(1)
    const enforcing = {
      ...testHook(2),
      extras: { ...testHook(2).extras, enforcement: true },
      policyName: 'enforcing',
    }
    pipeline.hooks.add(hook)
    pipeline.hooks.add(enforcing)
    const enforcement = { outcome: enforcementOutcomes.executed, failed: 0 }
    const hit = hookRecordBytes(enforcing, shell, 3000, { enforcement, a0: { value: 1 } })
    source.add(hookRecordBytes(hook, shell, 3000, { a0: { value: 1 } }), hit)
    source.add(exitRecord(shell, 0, 4000))
    source.pendingBytes = source.size * fill
    pipeline.drain(1024)
    return events().map(
      ({ process_kprobe: kprobe, process_exit }) =>
        kprobe?.policy_name ?? (process_exit ? 'exit' : ''),
    )
  }

  it('skips hits first, then those of enforced actions, and no process', () => {
    assert.deepEqual(eventsAt(0.8), ['p', 'enforcing', 'exit'])
    assert.deepEqual(eventsAt(0.9), ['enforcing', 'exit'])
    assert.deepEqual(eventsAt(0.95), ['exit'])
  })
})
