import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { processFlags } from '@tetragon-ts/api'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { createMap } from '@tetragon-ts/ebpf/open-maps'
import { reader, recordMemory } from '@tetragon-ts/ebpf/records'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { events, processTable } from '../kernel/maps.ts'
import { kindOf, recordKind } from '../records/kinds.ts'
import { basicContent, processRecords } from '../records/process.ts'
import { findCgroupHierarchy, ProcessSensor } from './index.ts'
import { chooseWalk } from './walk/index.ts'

const target = { btf: Btf.open(), bpfLoop: false }
const records = processRecords(basicContent)
/** A command of the shell that runs `/bin/sh` in its place. */
const replaced = `exec /bin/sh -c 'echo; exec /bin/sh -s'`
/** A child that executes a program when it gets a line. */
const forked = `(echo; read line <&3; exec /bin/sh -c 'echo; read line <&3') &`

/** Before which step of the sensor's start something happens; the last is after all of them. */
type Moment = 0 | 1 | 2 | 3 | 4
const moments = [0, 1, 2, 3, 4] as const
/** When processes do something: emulated processors are slow. */
const tried = process.env.TETRAGON_TEST_KERNEL === undefined ? moments : moments.slice(1, 4)

/** Runs a shell that forks a child, which executes a program, while the sensor starts. */
class Family {
  readonly #forks: Moment
  readonly #executes: Moment
  readonly #replaces: Moment
  readonly #shell: ChildProcess
  childPid = 0

  /**
   * @param forks when the shell forks the child
   * @param executes when the child executes a program
   * @param replaces when the shell executes another one
   */
  constructor(forks: Moment, executes: Moment, replaces: Moment) {
    this.#forks = forks
    this.#executes = executes
    this.#replaces = replaces
    this.#shell = spawn('/bin/sh', ['-s'], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] })
  }

  get name(): string {
    return `fork ${this.#forks}, exec ${this.#executes}, exec of the parent ${this.#replaces}`
  }

  get pid(): number {
    return this.#shell.pid ?? 0
  }

  /** Execs since that of the shell: of the shell, and of the child. */
  get execs(): { readonly shell: number; readonly child: number } {
    // The command that replaces the shell executes two programs.
    return { shell: 2, child: this.#replaces < this.#forks ? 3 : 1 }
  }

  async act(moment: Moment): Promise<void> {
    if (moment === this.#forks) {
      await this.#say(0, forked)
      this.childPid = Number(await this.#say(0, 'echo $!'))
    }
    if (moment === this.#executes) await this.#say(3, '')
    if (moment === this.#replaces) await this.#say(0, replaced)
  }

  async #say(fd: 0 | 3, line: string): Promise<string> {
    const { stdio, stdout } = this.#shell
    const heard = once(stdout ?? this.#shell, 'data')
    const input = stdio[fd]
    if (input && 'write' in input) input.write(`${line}\n`)
    const [text] = await heard
    return String(text)
  }

  async end(): Promise<void> {
    const ended = once(this.#shell, 'exit')
    // The child waits for a line of it.
    for (const stream of this.#shell.stdio) stream?.destroy()
    this.#shell.kill('SIGKILL')
    await ended
  }
}

/** An image, as a record introduces it. */
interface Introduced {
  readonly execs: number
  readonly flags: number
  readonly parent: string
}

/** The images of the records in a ring, by pid and start; the last record of an image counts. */
async function introducedIn(ring: RingBufferReader): Promise<Map<string, Introduced>> {
  const memory = recordMemory(ring.bytes.buffer, ring.bytes.byteOffset, ring.bytes.byteLength)
  const cursors = {
    exec: reader(records.ExecRecord, memory),
    fork: reader(records.ForkRecord, memory),
    running: reader(records.RunningRecord, memory),
  }
  const kinds = ['exec', 'fork', 'running'] as const
  const found = new Map<string, Introduced>()
  const { end } = ring
  const add = (offset: number): void => {
    const name = kinds.find((each) => recordKind[each] === kindOf(memory.words[offset >>> 2]))
    if (name === undefined) return
    const cursor = cursors[name]
    cursor.at(offset)
    const { key, parent, flags } = cursor.identity
    const image = { execs: key.execs, flags, parent: `${parent.pid} ${parent.ktime}` }
    found.set(`${key.pid} ${key.ktime}`, image)
  }
  // A record that another program is writing holds up those after it.
  for (; !ring.hasReached(end); await turn()) ring.read(add)
  return found
}

describe('processes that fork and execute while the sensor starts', () => {
  const families = tried.flatMap((forks) =>
    tried
      .filter((executes) => executes >= forks)
      .flatMap((executes) => tried.map((replaces) => new Family(forks, executes, replaces))),
  )
  let sensor: ProcessSensor
  let introduced: ReadonlyMap<string, Introduced>
  before(async () => {
    sensor = new ProcessSensor({
      target,
      hierarchy: findCgroupHierarchy(target.btf, '/proc'),
      ring: createMap(events),
      environment: false,
      processTableSize: 8192,
      content: basicContent,
      rate: undefined,
      walk: chooseWalk(target, '/proc'),
    })
    sensor.load()
    const act = (moment: Moment) => Promise.all(families.map((family) => family.act(moment)))
    for (const [i, step] of sensor.startSteps.entries()) {
      await act(moments[i])
      step()
    }
    await act(4)
    using ring = new RingBufferReader(sensor.ring.fd.number, events.maxEntries)
    introduced = await introducedIn(ring)
  })
  after(async () => {
    await Promise.all(families.map((family) => family.end()))
    sensor?.ring.fd.close()
    sensor?.[Symbol.dispose]()
  })

  const table = () => sensor.collection.map(processTable)

  for (const family of families) {
    it(`are known, with their parents: ${family.name}`, () => {
      const first = (table().lookup(process.pid)?.key.execs ?? 0) + 1
      for (const [name, pid] of [
        ['shell', family.pid],
        ['child', family.childPid],
      ] as const) {
        const entry = table().lookup(pid)
        assert.ok(entry, name)
        const image = introduced.get(`${pid} ${entry.key.ktime}`)
        assert.ok(image, `the record of the ${name}`)
        const execs = first + family.execs[name]
        assert.deepEqual([image.execs, entry.key.execs], [execs, execs], name)
        assert.equal(image.flags & processFlags.miss, 0, name)
        assert.ok(introduced.has(image.parent), `the parent of the ${name}`)
      }
    })
  }
})
