import {
  codecOf,
  GetEventsResponse,
  type GetInfoResponse,
  type HealthStatus,
  type ProcessInternal,
  type QueueFill,
} from '@tetragon-ts/api'
import type { OutputStatus } from '@tetragon-ts/outputs'
import type { MetricOutputStatus } from '@tetragon-ts/outputs/metrics'
import { eventClass, noCounts } from '@tetragon-ts/outputs/queue'
import { Log } from '../../../log/log.ts'
import { PolicyRegistry } from '../../../policies/registry/policy-registry.ts'
import { FakeLoader } from '../../../policies/registry/testing/fake-loader.ts'
import { GrpcPolicies } from '../../../policies/sources/grpc-policies.ts'
import { PolicyFiles } from '../../../policies/sources/policy-files.ts'
import { type EventDetail, plainContent } from '../../../reader/event-content.ts'
import { type FindingTotals, noFindings } from '../../../reader/findings/finding-totals.ts'
import { framed } from '../../../reader/outputs/framing.ts'
import { RequestError } from '../../../request-error.ts'
import type { RuleControl } from '../../../rules/rule-control.ts'
import { noRules } from '../../../rules/rules-in-force.ts'
import type { DeclaredPod } from '../../../workloads/pod-text.ts'
import type { ListedWorkload } from '../../../workloads/policy-sets/listed-workload.ts'
import { infoResponse } from '../info-response.ts'
import type {
  CallCount,
  CallCounter,
  EventReceiver,
  EventSource,
  EventSubscription,
  KernelInspection,
  PastSource,
  ServerHost,
} from '../server-host.ts'

const codec = codecOf(GetEventsResponse)

/** Events created by a test. */
export class FakeEvents implements EventSource {
  #receiver: EventReceiver | undefined
  /** How often it was opened, and resumed. */
  opened = 0
  resumed = 0

  open(receiver: EventReceiver): EventSubscription {
    this.opened++
    this.#receiver = receiver
    const close = (): void => {
      this.#receiver = undefined
    }
    const resume = (): void => {
      this.resumed++
    }
    return { begun: Promise.resolve(), resume, close }
  }

  get queue(): QueueFill {
    return { name: 'server', unit: 'bytes', used: 7, size: 100 }
  }

  /** Whether a receiver lets events wait here. */
  get isPaused(): boolean {
    return this.#receiver?.isFull ?? false
  }

  /** Whether there is a receiver. */
  get isOpen(): boolean {
    return this.#receiver !== undefined
  }

  emit(...events: object[]): void {
    const frames = events.map((event) => framed(codec.encode(event)))
    this.#receiver?.messages(Buffer.concat(frames))
  }

  /** Loses hook events. */
  lose(count: number): void {
    const lost = noCounts()
    lost[eventClass.hook] = count
    this.#receiver?.lost(lost)
  }
}

/** A kernel that is controlled by a test. */
export class FakeKernel implements KernelInspection {
  /** Calls since the last response. */
  calls: CallCount[] = []
  uncounted = 0
  refusal: string | undefined
  /** Numbers of active counters of runs and calls. */
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

  async describe() {
    return { hash: 'ab12', release: '6.12.1', bytes: Buffer.from('description') }
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

/** Rules whose text is their title. */
export class FakeRules implements RuleControl {
  readonly #added = new Map<string, string>()

  async add(name: string, text: string): Promise<number> {
    if (text === '') throw new RequestError('invalid', 'add rules: no title')
    return this.#added.set(name, text).size
  }

  async remove(name: string): Promise<number> {
    if (!this.#added.delete(name)) throw new RequestError('not_found', 'delete rules: none')
    return this.#added.size
  }

  list() {
    const rules = [...this.#added].map(([file, title]) => {
      const techniques = ['T1059']
      const source = 'process_creation'
      return { rule: title, title, level: 'high', techniques, source, file, action: '' as const }
    })
    const errors = ['rule left out: x.yaml:1:1: title is missing [RULE_MISSING_FIELD]']
    const filters = [
      {
        ...{ filter: 'Backup', title: 'Backup', file: 'f.yaml', line: 1, owner: 'ann' },
        expires: { date: '2026-01-31', endMs: Date.parse('2026-02-01') },
        ...{ rules: ['Shell'], isEnforced: false, wasExpired: true },
      },
    ]
    const inForce = { ...noRules, rules, filters, errors }
    return { inForce, isStarting: false, added: [...this.#added.keys()], unseen: [] }
  }
}

/** An agent without a kernel. */
export class FakeHost implements ServerHost {
  readonly version = '1.2.3'
  readonly nodeName = 'node'
  readonly startedAt = Date.parse('2026-01-01T00:00:00Z')
  readonly messages: string[] = []
  readonly log = new Log('debug', (line) => this.messages.push(line))
  readonly loader = new FakeLoader()
  readonly policies = new GrpcPolicies(undefined, (message) => this.log.warning(message))
  readonly events = new FakeEvents()
  readonly kernel = new FakeKernel()
  eventDetail: EventDetail = { environment: false, content: plainContent }
  readonly rules = new FakeRules()
  past: PastSource | undefined
  listedWorkloads: readonly ListedWorkload[] = []
  outputStatuses: readonly OutputStatus[] = []
  metricOutputStatuses: readonly MetricOutputStatus[] = []
  status: HealthStatus['status'] = 'HEALTH_STATUS_RUNNING'

  /** Starts the sources of policies. */
  async start(): Promise<void> {
    const registry = new PolicyRegistry(this.loader)
    for (const source of [new PolicyFiles([]), this.policies]) await source.start(registry)
  }

  /** Containers that runtime hooks reported. */
  readonly created: DeclaredPod[] = []

  async addContainer(created: DeclaredPod): Promise<void> {
    this.created.push(created)
  }

  async health(): Promise<HealthStatus> {
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    return { event, status: this.status, details: 'running' }
  }

  async outputs(): Promise<readonly OutputStatus[]> {
    return this.outputStatuses
  }

  metricOutputs(): readonly MetricOutputStatus[] {
    return this.metricOutputStatuses
  }

  failedPolicies(): string[] {
    return []
  }

  async info(): Promise<GetInfoResponse> {
    return infoResponse({
      version: this.version,
      probes: [{ Name: 'fentry', Enabled: true }],
      settings: {
        btf: '/btf',
        debug: true,
        verbose: 0,
        'export-rate-limit': -1,
        'enable-ancestors': ['base', 'kprobe'],
        'filter-environment-variables': [],
      },
    })
  }

  reader() {
    const ring = { name: 'ring', unit: 'bytes', used: 10, size: 1000, peak: 900 }
    return { records: 5, queues: [ring] }
  }

  async findings(): Promise<FindingTotals> {
    return {
      ...noFindings,
      rules: [
        {
          ...{ id: 'Shell', rule: 'Shell', level: 'high', count: 3, folded: 2, omitted: 0 },
          lastMs: 1000,
          excepted: [{ filter: 'Backup', count: 4, lastMs: 2000 }],
        },
      ],
      evaluations: [['Shell', 9]],
      folded: 2,
    }
  }

  async processes(): Promise<ProcessInternal[]> {
    return [
      { process: { pid: 1, exec_id: 'init', binary: '/sbin/init' }, color: 'inUse', refcnt: 2 },
    ]
  }

  async workloads(): Promise<readonly ListedWorkload[]> {
    return this.listedWorkloads
  }
}
