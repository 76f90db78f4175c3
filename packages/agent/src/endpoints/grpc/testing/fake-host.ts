import {
  codecOf,
  GetEventsResponse,
  type GetInfoResponse,
  type HealthStatus,
  type HookStatus,
  type ProcessInternal,
} from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { infoResponse } from '../../../daemon/info-response.ts'
import { AgentError } from '../../../error.ts'
import { Log } from '../../../log/log.ts'
import type {
  LoadedState,
  PolicyInKernel,
  PolicyLoader,
} from '../../../policies/registry/policy-loader.ts'
import { PolicyRegistry } from '../../../policies/registry/policy-registry.ts'
import { plainContent, type ToldContent } from '../../../reader/event-content.ts'
import { framed } from '../../../reader/outputs/framing.ts'
import type {
  CallCount,
  CallCounter,
  EventReceiver,
  EventSource,
  EventSubscription,
  KernelInspection,
  ServerHost,
} from '../server-host.ts'

const codec = codecOf(GetEventsResponse)

/** Events that a test makes up. */
export class FakeEvents implements EventSource {
  #receiver: EventReceiver | undefined
  /** How often it was opened. */
  opened = 0

  open(receiver: EventReceiver): EventSubscription {
    this.opened++
    this.#receiver = receiver
    const close = (): void => {
      this.#receiver = undefined
    }
    return { begun: Promise.resolve(), resume: () => {}, close }
  }

  /** Whether anybody wants events. */
  get isOpen(): boolean {
    return this.#receiver !== undefined
  }

  emit(...events: object[]): void {
    const frames = events.map((event) => framed(codec.encode(event)))
    this.#receiver?.messages(Buffer.concat(frames))
  }

  lose(count: number): void {
    this.#receiver?.lost(count)
  }
}

/** A kernel that takes every policy whose name does not begin with `bad`. */
export class FakeLoader implements PolicyLoader {
  /** What watches now. */
  readonly loaded = new Set<FakePolicy>()
  readonly atStart: { readonly document: PolicyDocument; readonly kernel: PolicyInKernel }[] = []
  /** Decides whether the next step fails. */
  fails = (_step: 'load' | 'replace' | 'unload'): boolean => false

  check(_document: PolicyDocument, _action: string): void {}

  async load(document: PolicyDocument): Promise<PolicyInKernel> {
    await this.step('load', document)
    return new FakePolicy(this, document)
  }

  /** Names of what watches. */
  get names(): string[] {
    return [...this.loaded].map(({ document }) => document.policy.name).sort()
  }

  /** @throws AgentError */
  async step(step: 'load' | 'replace' | 'unload', { policy }: PolicyDocument): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const isBad = step !== 'unload' && policy.name.startsWith('bad')
    if (isBad || this.fails(step)) {
      throw new AgentError('AGENT_POLICY', `${step} policy ${policy.name}:\nno such`)
    }
  }

  loadedAtStart() {
    return this.atStart
  }
}

/** A policy that watches nothing. */
export class FakePolicy implements PolicyInKernel {
  readonly document: PolicyDocument
  readonly #loader: FakeLoader

  constructor(loader: FakeLoader, document: PolicyDocument) {
    this.document = document
    this.#loader = loader
    loader.loaded.add(this)
  }

  async replace(document: PolicyDocument): Promise<PolicyInKernel> {
    await this.#loader.step('replace', document)
    this.#loader.loaded.delete(this)
    return new FakePolicy(this.#loader, document)
  }

  async unload(): Promise<void> {
    await this.#loader.step('unload', this.document)
    this.#loader.loaded.delete(this)
  }

  state(): LoadedState {
    const { hooks } = this.document.policy
    return {
      kernelMemoryBytes: 12_345,
      hooks: hooks.map(
        ({ section, call, index, ignoreCallNotFound }): HookStatus => ({
          section,
          state: ignoreCallNotFound ? 'STATUS_CALL_NOT_FOUND' : 'STATUS_LOADED',
          hook_description: `${call} (fentry)`,
          hook_idx: index,
        }),
      ),
      counts: hooks.map(({ call, index }) => ({
        ...{ hook: call, hookIndex: index, selectorIndex: 0, selectorLabel: '' },
        ...{ post: 3, nopost: 4 },
        monitored: { signal: 0, override: 0, notifyEnforcer: 0, set: 0 },
      })),
    }
  }
}

/** A kernel in which a test says what happens. */
export class FakeKernel implements KernelInspection {
  /** Calls that were made since the last look. */
  calls: CallCount[] = []
  uncounted = 0
  refusal: string | undefined
  /** Who has runs of programs, or calls, counted now. */
  counting = { runs: 0, calls: 0 }

  programs() {
    const run_count = String(this.counting.runs)
    return [{ id: 3, name: 'tg_exec', type: 'tracing', policy: '', run_count }]
  }

  maps() {
    return [{ id: 4, name: 'tg_events', type: 'ringbuf', max_entries: 4096, memory_bytes: '5000' }]
  }

  processTable() {
    const entry = { pid: 1, ktime_ns: '1', parent_pid: 0, parent_ktime_ns: '0', namespace_pid: 0 }
    return { entries: [entry], maxEntries: 10 }
  }

  losses() {
    return { exec: 2, fork: 0 }
  }

  countRuns(): Disposable {
    return this.#count('runs')
  }

  countCalls(): CallCounter {
    if (this.refusal !== undefined) throw new Error(this.refusal)
    return {
      ...this.#count('calls'),
      take: () => {
        const taken = { counts: this.calls, uncounted: this.uncounted }
        this.calls = []
        this.uncounted = 0
        return taken
      },
    }
  }

  #count(what: keyof FakeKernel['counting']): Disposable {
    this.counting[what]++
    return {
      [Symbol.dispose]: () => {
        this.counting[what]--
      },
    }
  }
}

/** An agent without a kernel. */
export class FakeHost implements ServerHost {
  readonly version = '1.2.3'
  readonly nodeName = 'node'
  readonly messages: string[] = []
  readonly log = new Log('debug', (line) => this.messages.push(line))
  readonly loader = new FakeLoader()
  readonly policies = new PolicyRegistry(this.loader)
  readonly events = new FakeEvents()
  readonly kernel = new FakeKernel()
  told: ToldContent = { environment: false, content: plainContent }
  status: HealthStatus['status'] = 'HEALTH_STATUS_RUNNING'

  async health(): Promise<HealthStatus> {
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    return { event, status: this.status, details: 'running' }
  }

  async info(): Promise<GetInfoResponse> {
    return infoResponse({
      version: this.version,
      probes: [{ Name: 'fentry', Enabled: true }],
      settings: {
        ...{ btf: '/btf', debug: true, verbose: 0, 'export-rate-limit': -1 },
        ...{ 'enable-ancestors': ['base', 'kprobe'], 'filter-environment-variables': [] },
      },
    })
  }

  async processes(): Promise<ProcessInternal[]> {
    return [
      { process: { pid: 1, exec_id: 'init', binary: '/sbin/init' }, color: 'inUse', refcnt: 2 },
    ]
  }
}
