import type {
  DumpProcessCacheReqArgs,
  GetInfoResponse,
  HealthStatus,
  InfoProbe,
  Process,
  ProcessInternal,
} from '@tetragon-ts/api'
import { EventStream } from '../endpoints/grpc/events/event-stream.ts'
import type { SettingValue } from '../endpoints/grpc/info-response.ts'
import { infoResponse } from '../endpoints/grpc/info-response.ts'
import type { EventSource, KernelInspection, ServerHost } from '../endpoints/grpc/server-host.ts'
import type { Log } from '../log/log.ts'
import type { PolicyControl } from '../policies/registry/policy-control.ts'
import type { EventDetail } from '../reader/event-content.ts'
import type { EventLogControl } from '../reader/outputs/export-file.ts'
import type { Agent } from './agent.ts'
import { AgentKernel } from './agent-kernel.ts'
import { probeAnswers } from './probe-answers.ts'

/** The agent as the server sees it. */
export interface AgentFacts {
  readonly version: string
  readonly nodeName: string
  /** Values of options by name. */
  readonly settings: Readonly<Record<string, SettingValue>>
  readonly policies: PolicyControl
}

/** Implements the server's view of the agent. */
export class AgentHost implements ServerHost {
  readonly version: string
  readonly nodeName: string
  readonly log: Log
  readonly policies: PolicyControl
  readonly events: EventSource
  readonly eventDetail: EventDetail
  readonly eventLog: EventLogControl | undefined
  readonly kernel: KernelInspection
  readonly #agent: Agent
  readonly #settings: AgentFacts['settings']
  #probes: InfoProbe[] | undefined
  #failure: string | undefined

  constructor(agent: Agent, facts: AgentFacts, log: Log) {
    this.version = facts.version
    this.nodeName = facts.nodeName
    this.log = log
    this.#settings = facts.settings
    this.#agent = agent
    this.policies = facts.policies
    this.events = new EventStream(agent.reader)
    this.eventDetail = agent.eventDetail
    this.eventLog = agent.reader.exportFile
    this.kernel = new AgentKernel(agent)
    agent.ended.then(
      (how) => {
        this.#failure = how
      },
      (error: Error) => {
        this.#failure = error.message
      },
    )
  }

  async health(): Promise<HealthStatus> {
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    if (this.#failure === undefined) {
      return { event, status: 'HEALTH_STATUS_RUNNING', details: 'running' }
    }
    return { event, status: 'HEALTH_STATUS_ERROR', details: this.#failure }
  }

  async info(): Promise<GetInfoResponse> {
    this.#probes ??= probeAnswers()
    return infoResponse({
      version: this.version,
      probes: this.#probes,
      settings: this.#settings,
    })
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
}
