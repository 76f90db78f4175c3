import type {
  DumpProcessCacheReqArgs,
  GetInfoResponse,
  InfoProbe,
  Process,
  ProcessInternal,
} from '@tetragon-ts/api'
import type { OutputStatus } from '@tetragon-ts/outputs'
import type { MetricOutputStatus } from '@tetragon-ts/outputs/metrics'
import type { Log } from '../../log/log.ts'
import type { PolicyControl } from '../../policies/registry/policy-control.ts'
import type { EventDetail } from '../../reader/event-content.ts'
import type { FindingTotals } from '../../reader/findings/finding-totals.ts'
import type { EventLogControl } from '../../reader/outputs/export-file.ts'
import { sinkQueueMax } from '../../reader/outputs/sink.ts'
import type { RuleControl } from '../../rules/rule-control.ts'
import type { DeclaredPod } from '../../workloads/pod-text.ts'
import type { ListedWorkload } from '../../workloads/policy-sets/listed-workload.ts'
import type { EndpointHost, OtherEndpoints, ServedAgent } from '../endpoint.ts'
import { AgentHealth } from '../health/agent-health.ts'
import { AgentKernel } from './agent-kernel.ts'
import { EventStream } from './events/event-stream.ts'
import { infoResponse } from './info-response.ts'
import { probeAnswers } from './probe-answers.ts'
import type { EventSource, KernelInspection, PastSource, ServerHost } from './server-host.ts'

/** Implements the server's view of the agent. */
export class AgentHost extends AgentHealth implements ServerHost {
  readonly version: string
  readonly nodeName: string
  readonly startedAt = Date.now() - process.uptime() * 1000
  readonly log: Log
  readonly policies: PolicyControl
  readonly events: EventSource
  readonly eventDetail: EventDetail
  readonly eventLog: EventLogControl | undefined
  readonly past: PastSource | undefined
  readonly rules: RuleControl
  readonly kernel: KernelInspection
  readonly #agent: ServedAgent
  readonly #outputs: EndpointHost['outputs']
  readonly #others: OtherEndpoints
  readonly #settings: EndpointHost['settings']
  #probes: InfoProbe[] | undefined

  constructor(host: EndpointHost, policies: PolicyControl, others: OtherEndpoints) {
    const { agent } = host
    super(agent, host.failedPolicies)
    this.version = host.version
    this.nodeName = host.nodeName
    this.log = host.log
    this.policies = policies
    this.rules = host.rules
    this.events = new EventStream(agent.reader)
    this.eventDetail = agent.eventDetail
    const { reader } = agent
    this.eventLog = reader.exportFile
    this.past = reader.exportFile && {
      path: reader.exportFile.path,
      flushed: () => reader.flushed(),
    }
    this.kernel = new AgentKernel(agent)
    this.#agent = agent
    this.#outputs = host.outputs
    this.#others = others
    this.#settings = host.settings
  }

  outputs(): Promise<readonly OutputStatus[]> {
    return this.#outputs()
  }

  metricOutputs(): readonly MetricOutputStatus[] {
    return this.#others.metricOutputs()
  }

  async info(): Promise<GetInfoResponse> {
    this.#probes ??= probeAnswers()
    return infoResponse({ version: this.version, probes: this.#probes, settings: this.#settings })
  }

  reader(): ReturnType<ServerHost['reader']> {
    const { counters, ringSize } = this.#agent
    const ring = { used: counters.get('ringPending'), peak: counters.get('ringPeak') }
    const queued = { used: counters.get('exportQueued'), size: sinkQueueMax }
    return {
      records: counters.get('records'),
      queues: [
        { name: 'ring', unit: 'bytes', ...ring, size: ringSize },
        { name: 'export', unit: 'bytes', ...queued },
      ],
    }
  }

  async findings(): Promise<FindingTotals> {
    return (await this.#agent.reader.totals()).findings
  }

  async processes(request: DumpProcessCacheReqArgs): Promise<ProcessInternal[]> {
    const known = await this.#agent.reader.cachedProcesses()
    return known
      .filter(({ references }) => references > 0 || !request.skip_zero_refcnt)
      .filter(({ isLive }) => !isLive || !request.exclude_execve_map_processes)
      .map(({ json, references, isLive }) => ({
        process: JSON.parse(json) as Process,
        color: isLive ? 'inUse' : 'deleted',
        refcnt: references,
      }))
  }

  addContainer(created: DeclaredPod): Promise<void> {
    return this.#agent.workloadSources.addContainer(created)
  }

  workloads(labels: readonly string[]): Promise<readonly ListedWorkload[]> {
    return this.#agent.reader.workloads(labels)
  }
}
