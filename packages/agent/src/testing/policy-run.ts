import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { compactPrinter, type Event, parseEvent } from '@tetragon-ts/api'
import { formatDiagnostic, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import type { Agent } from '../daemon/agent.ts'
import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import type { Loading } from '../policies/registry/in-turns.ts'
import { EventFamily } from './event-family.ts'
import { pollMs } from './guest.ts'
import type { HookEvent } from './observed-hook.ts'
import { makeTestFolder } from './run-agent.ts'
import { type AgentInProcess, leaveAgent, takeAgent } from './shared-agent.ts'
import { unlessMissed } from './unless-missed.ts'

/** Against waits that would never end. */
const eventLimitMs = 240_000
/** How long the file of a program may take to be found, in milliseconds. */
const attachedMaxMs = 30_000

/** A process that was started to trigger events. */
export interface StartedProcess {
  readonly pid: number
  readonly child: ChildProcess
  /** Number of events before it. */
  readonly since: number
  /** Its standard output and errors. */
  output: string
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Where a process and its events are looked for. */
type Seen = Pick<StartedProcess, 'pid' | 'since'>

/** Policies without a filter by process have events of all programs of a busy machine. */
const eventsMax = 200_000
/** Stands for older events: positions of events do not change. */
const dropped: Event = { key: 'test', body: {}, response: { test: {} } }

/**
 * An agent inside this process, for tests that load policies and check their events. Starting one
 * takes seconds on emulated processors: use one for many tests. Where files share a process, those
 * with the same options have the same agent.
 */
export class PolicyRun {
  readonly agent: Agent
  /** For files of the tests; removed by `stop`. */
  readonly folder: string
  readonly #used: AgentInProcess
  readonly #compact = compactPrinter()
  readonly #events: Event[] = []
  /** How many of them were dropped. */
  #dropped = 0
  readonly #children = new Set<ChildProcess>()
  /** Why the reader has ended; without events, waits for them would never end. */
  #failure: Error | undefined

  /** @param more options of the agent @throws AgentError */
  static async start(...more: string[]): Promise<PolicyRun> {
    return new PolicyRun(await takeAgent(more))
  }

  private constructor(used: AgentInProcess) {
    this.#used = used
    this.agent = used.agent
    this.folder = makeTestFolder()
    // Of an earlier test.
    used.file.read()
    used.agent.ended.catch((error: Error) => {
      this.#failure = error
    })
  }

  /**
   * Loads the policy in a text.
   * @throws PolicyError if this kernel cannot run it
   * @throws Error if the text is invalid
   */
  async load(text: string, loading?: Loading): Promise<LoadedPolicy> {
    return (await this.agent.policies()).add(onlyPolicy(text), loading)
  }

  /**
   * Loads a policy like `load`, and waits until its hooks in user space are attached: on a busy
   * machine, the file of a program may be found only after its policy is loaded. Hooks that ignore
   * files with other digests need not be attached.
   */
  async loadAttached(text: string): Promise<LoadedPolicy> {
    const policy = await this.load(text)
    const deadline = performance.now() + attachedMaxMs
    const isAttached = () => {
      return policy.compiled.hooks.every((hook) => {
        const mayBeIgnored = hook.planned.hook.user?.ignoreDigestFailure === true
        return mayBeIgnored || policy.inodesOf(hook)?.length !== 0
      })
    }
    while (!isAttached() && performance.now() < deadline) await sleep(pollMs)
    return policy
  }

  /** Replaces a policy. @throws PolicyError, Error like `load` */
  async replace(old: LoadedPolicy, text: string): Promise<LoadedPolicy> {
    return (await this.agent.policies()).replace(old, onlyPolicy(text))
  }

  /** Unloads a policy. Wait for its events before. */
  async unload(policy: LoadedPolicy): Promise<void> {
    await (await this.agent.policies()).remove(policy)
  }

  /** Starts a program in a folder; its standard input is an open pipe. */
  spawn(program: string, args: readonly string[], { folder = this.folder } = {}): StartedProcess {
    this.#read()
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: folder })
    if (child.pid === undefined) throw new Error(`start ${program}: it cannot be executed`)
    // A process that ends without reading its input must not end this one.
    child.stdin.on('error', () => {})
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    const ended = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once('close', (code, signal) => resolve(code ?? (signal as NodeJS.Signals)))
    })
    const started = { pid: child.pid, child, since: this.#events.length, output: '', ended }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        started.output += text
      })
    }
    return started
  }

  /**
   * Waits until a process has ended and its last event is written.
   * @returns policy events of it and its descendants, in order
   */
  async finish(started: StartedProcess): Promise<readonly HookEvent[]> {
    await started.ended
    return this.waitForExit(started)
  }

  /** The same for a process that another one ends. */
  async waitForExit(process: Seen): Promise<readonly HookEvent[]> {
    return this.#eventsUntil(process, 'exit', (family) => family.isOver)
  }

  /** Waits for the first policy event of a process and its descendants, or for its exit. */
  async waitForHit(process: Seen): Promise<void> {
    await this.#eventsUntil(process, 'first hit', ({ isOver }, found) => isOver || found.length > 0)
  }

  async #eventsUntil(
    { pid, since }: Seen,
    what: string,
    isLast: (family: EventFamily, found: readonly HookEvent[]) => boolean,
  ): Promise<readonly HookEvent[]> {
    const family = new EventFamily(pid, this.#compact)
    const found: HookEvent[] = []
    const deadline = performance.now() + eventLimitMs
    for (let at = since; ; ) {
      this.#read()
      for (; at < this.#events.length; at++) {
        const hook = family.take(this.#events[at])
        if (hook) found.push(hook)
        if (isLast(family, found)) return found
      }
      if (performance.now() > deadline) {
        const seen = this.#events.slice(since).map(({ response }) => JSON.stringify(response))
        throw new Error(`wait for the ${what} of ${pid}: it is not among:\n${seen.join('\n')}`)
      }
      await sleep(pollMs)
    }
  }

  /**
   * Repeats something that fails while hits have no events or frames no names, which is counted:
   * also because mappings are read within a budget of time.
   */
  unlessMissed<T>(act: () => Promise<T>): Promise<T> {
    return unlessMissed(() => this.#missed(), act)
  }

  #missed(): number {
    const { agent } = this
    const counted = agent.counters.get('hooksShed') + agent.counters.get('unnamedFrames')
    return agent.possiblyMissed() + agent.losses().hook + counted
  }

  /** Waits for the events of refusals that equal others. */
  async waitForRefusals(): Promise<void> {
    const policies = await this.agent.policies()
    const count = [...policies.loaded].flatMap(({ compiled }) => compiled.hooks)
    if (!count.some(({ planned }) => planned.extras.refusal)) return
    policies.reportRefusals()
    // Its records are behind them in the ring.
    const { pid, since, ended } = this.spawn('/bin/true', [])
    await ended
    const isExit = ({ key, body }: Event): boolean =>
      key === 'process_exit' && 'process' in body && body.process?.pid === pid
    while (!this.events.slice(since).some(isExit)) await sleep(pollMs)
  }

  /** The file of all events of the agent. */
  get eventsFile(): string {
    return this.#used.file.path
  }

  /** All events so far; those that are being written may be missing. */
  get events(): readonly Event[] {
    this.#read()
    return this.#events
  }

  /** Ends the processes that a failed test has left: they would keep this one alive. */
  async endChildren(): Promise<void> {
    const running = [...this.#children]
    await Promise.all(
      running.map(async (child) => {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        // Its own children may hold the other ends.
        for (const stream of child.stdio) stream?.destroy()
        await ended
      }),
    )
  }

  async stop(): Promise<void> {
    await this.endChildren()
    await leaveAgent(this.#used)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** @throws Error if the reader has failed */
  #read(): void {
    if (this.#failure) throw this.#failure
    for (const line of this.#used.file.read()) {
      const parsed = parseEvent(line)
      if (!parsed.ok) throw new Error(`read event: ${parsed.reason}: ${line}`)
      this.#events.push(parsed.event)
    }
    const oldest = this.#events.length - eventsMax
    for (; this.#dropped < oldest; this.#dropped++) this.#events[this.#dropped] = dropped
  }
}

function onlyPolicy(text: string): PolicyDocument {
  const { documents, diagnostics } = readPolicies(text, 'case.yaml')
  const [document, ...others] = documents
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0 && document !== undefined && others.length === 0) return document
  const wrong = errors.map((diagnostic) => formatDiagnostic(diagnostic, text))
  throw new Error(`read a policy: ${documents.length} are there\n${wrong.join('\n')}`)
}
