import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { array } from '@tetragon-ts/ebpf/maps'
import { createMap, OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { testRun } from '@tetragon-ts/ebpf/programs'
import { Fd } from '@tetragon-ts/ebpf/sys'
import { events, processTable } from '../kernel/maps.ts'
import { basicContent, processRecords } from '../records/process.ts'
import { findCgroupHierarchy, ProcessSensor } from './index.ts'
import { chooseWalk } from './walk/index.ts'

const { RunningRecord } = processRecords(basicContent)

/** A sensor that is not attached: it is as if the kernel skipped all programs. */
function startSensor() {
  const target = { btf: Btf.open(), bpfLoop: false }
  const ring = createMap(events)
  const sensor = new ProcessSensor({
    target,
    hierarchy: findCgroupHierarchy(target.btf, '/proc'),
    ring,
    environment: false,
    processTableSize: 1024,
    content: basicContent,
    rate: undefined,
    walk: chooseWalk(target, '/proc'),
  })
  sensor.load()
  return sensor
}

describe('the lookup of a process', () => {
  const children: ChildProcess[] = []
  let sensor: ProcessSensor
  before(() => {
    sensor = startSensor()
  })
  after(() => {
    for (const child of children) child.kill('SIGKILL')
    sensor?.ring.fd.close()
    sensor?.[Symbol.dispose]()
  })

  /** A shell that runs the lines of its input. */
  async function shell(): Promise<ChildProcess & { readonly pid: number }> {
    const child = spawn('/bin/sh', [], { stdio: ['pipe', 'pipe', 'ignore'] })
    children.push(child)
    await once(child, 'spawn')
    return child as typeof child & { readonly pid: number }
  }

  async function say(child: ChildProcess, line: string): Promise<void> {
    const heard = once(child.stdout ?? child, 'data')
    child.stdin?.write(`${line}\n`)
    await heard
  }

  function find(pid: number, execs = 0, time = 0n) {
    assert.ok(sensor.lookup)
    const { programFd, answerFd } = sensor.lookup
    const context = new Uint8Array(BigUint64Array.of(BigInt(pid), BigInt(execs), time).buffer)
    const { returnValue } = testRun(new Fd(programFd), 'look up process', { context })
    if (returnValue !== 1) return undefined
    const answers = array('tg_answer', { value: RunningRecord, maxEntries: 1 })
    return new OpenMap(answers, new Fd(answerFd), answers.key, RunningRecord).lookup(0)
  }

  const table = () => sensor.collection.map(processTable)

  it('adds a process of which no program has run to the table', async () => {
    const { pid } = await shell()
    assert.equal(table().lookup(pid), undefined)
    const found = find(pid)
    const start = table().lookup(pid)?.start
    assert.deepEqual([found?.start, found?.identity.key.ktime], [start, start])
    assert.deepEqual([found?.identity.key.pid, found?.identity.parent.pid], [pid, process.pid])
    assert.deepEqual(find(pid), found)
  })

  it('finds the image of a skipped exec', async () => {
    const child = await shell()
    const { pid } = child
    const { key, parent } = find(pid)?.identity ?? {}
    assert.ok(key && parent)
    await say(child, 'exec /bin/sh -c "echo; exec cat"')
    await say(child, 'from cat')
    const execs = key.execs + 2
    const time = key.ktime + 1_000_000n
    // No hit has seen the image in between.
    assert.equal(find(pid, key.execs + 1, time)?.identity.key.execs, key.execs)
    const next = find(pid, execs, time)?.identity
    assert.deepEqual(next?.key, { pid, ktime: time, execs })
    assert.deepEqual([next?.parent.pid, next?.parent.ktime], [pid, key.ktime])
    // The time is that of the first hit.
    assert.deepEqual(find(pid, execs, time + 5n)?.identity, next)
    assert.equal(table().lookup(pid)?.handled, execs)
  })

  it('replaces the entry of an earlier process with its pid', async () => {
    const { pid } = await shell()
    const start = find(pid)?.start ?? 0n
    const entry = table().lookup(pid)
    assert.ok(entry)
    const key = { ...entry.key, ktime: 7n }
    table().update(pid, { ...entry, key, start: 7n })
    assert.deepEqual([find(pid)?.start, table().lookup(pid)?.start], [start, start])
  })

  it('finds no process that has ended, no thread and no kernel thread', async () => {
    const child = await shell()
    child.stdin?.end()
    await once(child, 'exit')
    const thread = readdirSync('/proc/self/task').find((tid) => Number(tid) !== process.pid)
    const isKernelThread = (pid: string): boolean => {
      try {
        // PF_KTHREAD is 0x200000; the name is in parentheses.
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
        return (Number(fields[6]) & 0x200000) !== 0
      } catch {
        return false
      }
    }
    const kernel = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isKernelThread(name))
    for (const pid of [child.pid, Number(thread), ...kernel.slice(0, 3).map(Number), 4_194_304]) {
      assert.equal(find(pid), undefined)
      assert.equal(table().lookup(pid), undefined)
    }
  })
})
