import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { attemptsOf, PolicyRun, repeats, type StartedProcess } from '@tetragon-ts/agent/testing'
import type { Event, ProcessKprobe } from '@tetragon-ts/api'
import { workload } from '@tetragon-ts/test/workloads'

/** Attempts of an attack: by several workers at once. */
export const attempts = attemptsOf({ host: 40, main: 4, part: 4 })
export const workers = repeats(8, 3)

/** Against waits that would never end. */
const eventLimitMs = 240_000

/** A loaded policy. */
export type Loaded = Awaited<ReturnType<PolicyRun['load']>>

/** What an attack has seen. */
export interface Tally {
  readonly attempts: number
  /** Bytes that were read or written, or programs whose first instructions ran. */
  readonly effects: number
  /** Children that a signal ended. */
  readonly killed: number
  /** Attempts that failed, by error number. */
  readonly refused: Readonly<Record<string, number>>
}

const operations = [
  ...['open', 'openat2', 'path-fd', 'handle', 'uring', 'write', 'mmap'],
  ...['exec', 'execveat', 'memfd', 'shared-memory', 'segment'],
  ...['append', 'truncate', 'open-truncate', 'rename', 'link', 'symlink', 'unlink'],
  ...['chmod', 'chown', 'setxattr'],
  ...['connect4', 'connect6', 'connect-mapped', 'connect-uring', 'fast-open', 'udp4', 'udp6'],
  ...['message4', 'message6', 'message-mapped', 'message-unspec', 'message-many', 'message-uring'],
  ...['message-connected'],
  ...['bind4', 'bind6'],
  ...['connect-own', 'connect-unix', 'sendto', 'listen', 'raw', 'packet'],
  ...['raw6', 'raw-any', 'raw-uring', 'raw-i386', 'raw-socketcall', 'ping', 'udp'],
  ...['route', 'route-i386', 'route-uring', 'options-message', 'hops', 'long-option', 'filter'],
  ...['device', 'device-uring', 'other-node', 'node'],
  ...['sysctl', 'sysctl-uring', 'sysctl-bound'],
  ...['setuid', 'setgid', 'capset', 'unshare', 'bpf'],
  ...['ptrace', 'traceme', 'vm-write', 'memory-file', 'descriptor'],
  ...['init-module', 'finit-module', 'perf-event', 'mount', 'add-key'],
] as const

/** Those whose target is a program. */
const programOperations: readonly Operation[] = [
  ...(['exec', 'execveat', 'memfd', 'shared-memory', 'segment'] as const),
]

/** What the workload `attack` attempts; its sources describe it. */
export type Operation = (typeof operations)[number]

/**
 * Who attempts it: threads, children that are forked for each attempt, or processes themselves,
 * which must survive it.
 */
export type Attempting = 'thread' | 'child' | 'process'

/** Of an attack, what differs from the default. */
interface AttackOptions {
  /** A copy of the program that attacks. */
  readonly program?: string
  readonly count?: number
  readonly racing?: number
}

/** A file and a program for attacks, with an agent that protects them. */
export class Attacked {
  readonly run: PolicyRun
  /** A file with one byte. */
  readonly file: string
  /** A program that leaves a byte in {@link marks} when it starts. */
  readonly program: string
  readonly marks: string
  /** The program that attacks: no other test runs it, so policies can select it. */
  readonly attacker: string

  static async start(...options: string[]): Promise<Attacked> {
    const [attack, marker] = [await workload('attack'), await workload('marker')]
    return new Attacked(await PolicyRun.start(...options), attack, marker)
  }

  private constructor(run: PolicyRun, attack: string, marker: string) {
    this.run = run
    this.attacker = join(run.folder, 'attack')
    copyFileSync(attack, this.attacker)
    this.file = join(run.folder, 'secret')
    writeFileSync(this.file, 's')
    this.program = join(run.folder, 'marker')
    copyFileSync(marker, this.program)
    chmodSync(this.program, 0o755)
    this.marks = join(run.folder, 'marks')
    writeFileSync(this.marks, '')
  }

  /** Copies the program that attacks, for a policy that selects the copy. @returns its path */
  copy(name: string): string {
    const path = join(this.run.folder, name)
    copyFileSync(this.attacker, path)
    return path
  }

  /** Starts an attack; threads are one process. */
  begin(
    operation: Operation,
    way: Attempting,
    target?: string,
    { program = this.attacker, count = attempts, racing = workers }: AttackOptions = {},
  ): StartedProcess {
    const isProgram = programOperations.includes(operation)
    const path = target ?? (isProgram ? this.program : this.file)
    const words = [operation, way, String(count), String(racing), path]
    const command = 'exec "$0" "$@" 3>>marks'
    return this.run.spawn('/bin/sh', ['-c', command, program, ...words])
  }

  /** Attacks, and returns the tally with the policy events of the attackers. */
  async attack(operation: Operation, way: Attempting, target?: string, options?: AttackOptions) {
    const before = statSync(this.marks).size
    const started = this.begin(operation, way, target, options)
    await this.written(started)
    await this.run.waitForRefusals()
    const events = this.run.events.slice(started.since).flatMap((event) => hitOf(event) ?? [])
    assert.equal(await started.ended, 0, `${operation}: ${started.output}`)
    assert.notEqual(started.output, '', `${operation}: it could not print its tally`)
    const tally = JSON.parse(started.output) as Tally
    const marks = statSync(this.marks).size - before
    return { tally: { ...tally, effects: tally.effects + marks }, events }
  }

  /**
   * Waits for the exit event of a process. The other checks of `PolicyRun.finish` do not hold for
   * children that execute nothing, and where the kernel skips programs (7.x) forks can be missed.
   */
  async written({ pid, since, ended }: StartedProcess): Promise<void> {
    await ended
    const isExit = ({ key, body }: Event): boolean =>
      key === 'process_exit' && (body as { process?: { pid?: number } }).process?.pid === pid
    const deadline = performance.now() + eventLimitMs
    while (!this.run.events.slice(since).some(isExit)) {
      if (performance.now() > deadline) throw new Error(`wait for the exit of ${pid}: no event`)
      await sleep(4)
    }
  }

  /** Runs something while a policy is loaded. */
  async under<T>(text: string, act: (loaded: Loaded) => Promise<T>): Promise<T> {
    const loaded = await this.run.load(text)
    try {
      return await act(loaded)
    } finally {
      await this.run.unload(loaded)
    }
  }

  /** The positive control: without the policy every attempt succeeds. */
  async succeeds(operation: Operation, way: 'thread' | 'child', target?: string): Promise<void> {
    const { tally } = await this.attack(operation, way, target)
    assert.deepEqual(tally, allowed)
  }
}

/** The tally when every attempt has its effect. */
export const allowed: Tally = { attempts, effects: attempts, killed: 0, refused: {} }

/** The tally when every attempt fails with an error. */
export const refused = (error: number): Tally => ({
  attempts,
  effects: 0,
  killed: 0,
  refused: { [error]: attempts },
})

/** The action that refuses with EPERM. */
export const refuse = '{action: Override, argError: -1}'

/** Counts of the first selector of a policy with one hook. */
export function countsOf(loaded: Loaded): ReturnType<Loaded['counts']>[number] {
  return loaded.counts(loaded.compiled.document.policy.hooks[0])[0]
}

/** A policy of one section. */
export function policy(name: string, spec: string): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${name}}
spec:
${spec.replace(/^\n/, '').replace(/^/gm, '  ')}
`
}

/** What is asked of policy events. */
export type Hit = Pick<
  ProcessKprobe,
  'policy_name' | 'process' | 'action' | 'args' | 'enforcement' | 'message'
> & {
  /** Number of hits that the event stands for. */
  readonly hits: number
}

/** A policy event; undefined if it is another one. */
export function hitOf({ body, response }: Event): Hit | undefined {
  const hits = Number(response.aggregation_info?.count ?? 1)
  return 'policy_name' in body ? { ...(body as Omit<Hit, 'hits'>), hits } : undefined
}

/** Number of hits that events stand for. */
export function hitsOf(events: readonly Hit[]): number {
  return events.reduce((sum, { hits }) => sum + hits, 0)
}

/** How many hits events say something about, by what they say of the enforcing action. */
export function outcomes(
  events: readonly (Omit<Hit, 'hits'> & Partial<Hit>)[],
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const body of events) {
    const [action, ...others] = body.enforcement ?? []
    assert.deepEqual(others, [])
    const name = String(body.action).replace('KPROBE_ACTION_', '')
    const what = action?.done ? 'done' : action?.failed ? 'failed' : 'not done'
    const key = `${name}: ${action?.means ?? 'no means'}, ${what}`
    counts[key] = (counts[key] ?? 0) + (body.hits ?? 1)
  }
  return counts
}
