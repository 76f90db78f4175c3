import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeTestFolder, RunningAgent, repeats } from '@tetragon-ts/agent/testing'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import { findMount } from '@tetragon-ts/ebpf/sys'
import { workload } from '@tetragon-ts/test/workloads'
import { type Operation, policy, refuse, type Tally } from './attack.ts'
import { Listener } from './listener.ts'

interface Attack {
  readonly feature?: FeatureName
  readonly operation: Operation
  target(at: KeptPrograms): string
  spec(at: KeptPrograms): string
}

/** An attack for each means. */
const attacks = {
  cgroup: {
    feature: 'cgroup_sock_addr',
    operation: 'connect4',
    target: ({ port }) => String(port),
    spec: ({ port }) => `
options: [{name: override-method, value: cgroup}]
kprobes:
- call: security_socket_connect
  syscall: false
  args: [{index: 1, type: sockaddr}]
  selectors:
  - matchArgs: [{index: 1, operator: SPort, values: ["${port}"]}]
    matchActions: [{action: NoPost}, ${refuse}]`,
  },
  lsm: {
    feature: 'lsm',
    operation: 'open',
    target: ({ folder }) => join(folder, 'lsm'),
    spec: ({ folder }) => `
lsmhooks:
- hook: file_open
  args: [{index: 0, type: file}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["${join(folder, 'lsm')}"]}]
    matchActions: [{action: NoPost}, ${refuse}]`,
  },
  signal: {
    operation: 'open',
    target: ({ folder }) => join(folder, 'signal'),
    // Other programs have paths that are not resident, which would be enforced.
    spec: ({ folder }) => `
options: [{name: unreadable-arguments, value: allow}]
kprobes:
- call: sys_openat
  syscall: true
  args: [{index: 1, type: string}]
  selectors:
  - matchArgs: [{index: 1, operator: Equal, values: ["${join(folder, 'signal')}"]}]
    matchActions: [{action: NoPost}, {action: Sigkill}]`,
  },
} as const satisfies Record<string, Attack>
export type AttackName = keyof typeof attacks

/** Agents whose programs can outlive them, and attacks on what they protect. */
export class KeptPrograms {
  readonly folder = makeTestFolder()
  readonly program = join(this.folder, 'attack')
  /** Folder of the pins. */
  readonly pins: string
  readonly #policies = join(this.folder, 'policies')
  readonly #listener: Listener
  readonly #mounted: string | undefined
  readonly #agents: RunningAgent[] = []

  static async prepare(): Promise<KeptPrograms> {
    return new KeptPrograms(await workload('attack'), await Listener.start())
  }

  private constructor(attack: string, listener: Listener) {
    copyFileSync(attack, this.program)
    this.#listener = listener
    mkdirSync(this.#policies)
    for (const name of ['lsm', 'signal']) writeFileSync(join(this.folder, name), 's')
    let mount = findMount('bpf')
    if (mount === undefined) {
      mount = join(this.folder, 'bpf')
      mkdirSync(mount)
      assert.equal(spawnSync('mount', ['-t', 'bpf', 'bpf', mount]).status, 0)
      this.#mounted = mount
    }
    this.pins = join(mount, `kept-${process.pid}`)
  }

  get port(): number {
    return this.#listener.port
  }

  /** Attacks that this kernel can prevent, or kill. */
  get possible(): AttackName[] {
    return (Object.keys(attacks) as AttackName[]).filter((name) => {
      const { feature }: Attack = attacks[name]
      return feature === undefined || probe(feature).answer === 'yes'
    })
  }

  policyFor(name: AttackName): string {
    return policy(`prevents-${name}`, attacks[name].spec(this))
  }

  /** Policies of all agents that start from now on. */
  forbid(names: readonly AttackName[]): void {
    rmSync(this.#policies, { recursive: true })
    mkdirSync(this.#policies)
    for (const name of names) {
      writeFileSync(join(this.#policies, `${name}.yaml`), this.policyFor(name))
    }
  }

  /** Starts an agent whose programs stay, and replace those of an earlier one without a gap. */
  async keep(): Promise<RunningAgent> {
    return this.protect('--keep-sensors-on-exit', '--release-pinned-bpf=false')
  }

  /** Starts an agent with the policies. */
  protect(...options: readonly string[]): Promise<RunningAgent> {
    return this.begin(...options, '--tracing-policy-dir', this.#policies)
  }

  /** Starts an agent. */
  async begin(...options: readonly string[]): Promise<RunningAgent> {
    const agent = this.launch(...options)
    await agent.ready()
    return agent
  }

  launch(...options: readonly string[]): RunningAgent {
    const agent = RunningAgent.launch('--bpf-dir', basename(this.pins), ...options)
    this.#agents.push(agent)
    return agent
  }

  /** Names of the folders of agents. */
  names(): string[] {
    return existsSync(this.pins) ? readdirSync(this.pins) : []
  }

  /** Attacks. @returns the number of effects */
  async effectsOf(name: AttackName, count: number): Promise<number> {
    const { operation, target } = attacks[name]
    const words = [operation, 'child', String(count), String(repeats(8, 3)), target(this)]
    const attack = spawn(this.program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    attack.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await once(attack, 'close')
    const { effects, attempts } = JSON.parse(output) as Tally
    assert.equal(attempts, count)
    return effects
  }

  /** Ends programs that no agent holds. */
  unpin(): void {
    for (const name of this.names()) rmSync(join(this.pins, name), { recursive: true })
  }

  /** Ends all agents and their programs. */
  async reset(): Promise<void> {
    for (const agent of this.#agents.splice(0)) await agent.remove()
    this.unpin()
  }

  remove(): void {
    this.#listener.close()
    if (this.#mounted !== undefined) spawnSync('umount', [this.#mounted])
    rmSync(this.folder, { recursive: true, force: true })
  }
}
