import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  guestKernel,
  isFullRun,
  type ObservedEvent,
  RunningAgent,
  repeats,
} from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

/** Starts of the agent: `TEST_STARTS=200`, as in a full run. A start takes a guest minutes. */
const starts = Number(process.env.TEST_STARTS ?? (isFullRun ? repeats(200, 5) : 1))
/** How long the last agent runs: `TEST_MINUTES=10`, as in a full run. */
const minutes = Number(process.env.TEST_MINUTES ?? (isFullRun ? repeats(10, 3) : 0))
const policies = Number(process.env.TEST_POLICIES ?? (starts > 1 || minutes > 0 ? 100 : 2))
/** Of the emulated kernels, 7 has most to show: it skips programs of preempted tasks. */
const leftOut =
  guestKernel !== undefined &&
  !(guestKernel === '7' && isFullRun) &&
  'tested on this machine, and on 7 in a full run'
/**
 * Whether all copies of the program at execs can be skipped, which takes a slow machine: then the
 * image is known by its hits only, without its program.
 */
const canSkipExecs = guestKernel === '7'
/** Policy events that every start must see. */
const eventsMin = repeats(1000, 100)

const hooks = [
  'call: sys_umask, syscall: true',
  // Only some kernels can hook it.
  'call: security_bprm_check, syscall: false, ignore: {callNotFound: true}',
]

/** Checks events as they are written. */
class SeenEvents {
  /** Policy events. */
  hits = 0
  readonly #storm: string
  /** Events of unknown processes, of the storm or not, each after all recent ones with its pid. */
  readonly unknown: string[] = []
  readonly #execs = new Set<string>()
  /** Pids of processes of the storm. */
  readonly #own = new Set<number>()
  #recent: readonly string[] = []

  /** @param storm the program of all processes that the test starts */
  constructor(storm: string) {
    this.#storm = storm
  }

  get execs(): number {
    return this.#execs.size
  }

  /** Number of pids that processes of the storm had. */
  get own(): number {
    return this.#own.size
  }

  /** @param isComplete whether these events have a program and a parent in any case */
  take(agent: RunningAgent, isComplete: boolean): void {
    const { lines, events } = agent.take()
    const before = this.#recent
    this.#recent = lines
    for (const [i, line] of lines.entries()) {
      if (line.includes('"flags":"unknown"')) {
        const [word = ''] = /"pid":\d+,/.exec(line) ?? []
        const same = [...before, ...lines.slice(0, i)].filter((other) => other.includes(word))
        this.unknown.push([...same, line].join('\n'))
      }
      if (line.startsWith('{"process_kprobe"')) this.hits++
    }
    for (const event of events) {
      const { pid = 0, binary } = event.process
      if (binary === this.#storm) this.#own.add(pid)
      this.#checkOrder(event)
      if (isComplete) this.#checkContent(event)
    }
  }

  #checkOrder({ kind, process: { exec_id: id = '', flags }, line }: ObservedEvent): void {
    if (kind === 'exec') {
      assert.ok(!this.#execs.has(id), `a second exec: ${line}`)
      this.#execs.add(id)
    } else {
      // A fork that never executed a program has no exec event.
      const words = flags?.split(' ') ?? []
      const isClone = words.includes('clone') && !words.includes('execve')
      assert.ok(this.#execs.has(id) || isClone, `an exit without exec: ${line}`)
    }
  }

  #checkContent({ process: child, parent, line }: ObservedEvent): void {
    if (canSkipExecs && !child.binary) {
      assert.match(child.flags ?? '', /execve/, line)
      assert.match(child.flags ?? '', /miss/, line)
      assert.equal(parent?.binary || this.#storm, this.#storm, line)
    } else {
      assert.ok(child.binary, `no binary: ${line}`)
    }
    assert.equal(parent?.exec_id, child.parent_exec_id, `no parent: ${line}`)
    // The forks of the first process are hidden by some microVMs.
    if (child.binary === this.#storm) assert.doesNotMatch(child.flags ?? '', /miss/, line)
  }
}

describe('processes that execute programs while the agent starts', { skip: leftOut }, () => {
  let storm: string
  let folder: string
  let agent: RunningAgent | undefined
  const storms: ChildProcess[] = []

  before(async () => {
    storm = await workload('exec-storm')
    folder = mkdtempSync('/dev/shm/tetragon-storm-')
    mkdirSync(join(folder, 'policies'))
    for (let i = 0; i < policies; i++) {
      const hook = hooks[i % hooks.length]
      // Only the first ones have events: the others are decided by the executable.
      const none = 'selectors: [{matchBinaries: [{operator: In, values: [/none]}]}]'
      const text = [
        ...[
          'apiVersion: cilium.io/v1alpha1',
          'kind: TracingPolicy',
          `metadata: {name: storm-${i}}`,
        ],
        ...[
          'spec:',
          '  kprobes:',
          i < hooks.length ? `  - {${hook}}` : `  - {${hook}, ${none}}`,
          '',
        ],
      ]
      writeFileSync(join(folder, 'policies', `storm-${i}.yaml`), text.join('\n'))
    }
  })
  after(async () => {
    await endStorms()
    await agent?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  async function endStorms(): Promise<void> {
    const ended = storms.splice(0).map(async (each) => {
      const ending = once(each, 'exit')
      each.kill('SIGKILL')
      await ending
    })
    await Promise.all(ended)
  }

  for (let start = 1; start <= starts; start++) {
    it(`have one exec each, no exit without it, and are never unknown (${start})`, async (t) => {
      // In a guest, the agent shares the only processor with them.
      for (let i = repeats(2, 1); i > 0; i--) storms.push(spawn(storm, { stdio: 'ignore' }))
      agent = await RunningAgent.start('--tracing-policy-dir', join(folder, 'policies'))
      await agent.events()
      const seen = new SeenEvents(storm)
      seen.take(agent, false)
      const until = performance.now() + (start === starts ? minutes * 60_000 : 0)
      while (seen.hits < eventsMin || performance.now() < until) {
        await sleep(50)
        await agent.events()
        seen.take(agent, true)
      }
      await endStorms()
      await agent.events()
      seen.take(agent, true)
      await agent.stop()
      // The log says whether records were lost.
      assert.deepEqual(seen.unknown, [], agent.stderr)
      assert.ok(seen.own > 0)
      t.diagnostic(`${seen.hits} policy events, ${seen.execs} execs`)
      assert.doesNotMatch(agent.stderr, /lost|unknown processes/)
      await agent.remove()
      agent = undefined
    })
  }
})
