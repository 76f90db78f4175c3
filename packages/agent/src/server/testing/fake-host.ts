import {
  codecOf,
  GetEventsResponse,
  type GetInfoResponse,
  type HealthStatus,
  type HookStatus,
  type ProcessInternal,
} from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { Log } from '../../log.ts'
import { framed } from '../events/framing.ts'
import type { LoadedState, PolicyInKernel, PolicyLoader } from '../policy-loader.ts'
import { PolicyRegistry } from '../policy-registry.ts'
import type { EventReceiver, EventSource, EventSubscription, ServerHost } from '../server-host.ts'

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
    return { begun: Promise.resolve(), close }
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
      })),
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
  status: HealthStatus['status'] = 'HEALTH_STATUS_RUNNING'

  async health(): Promise<HealthStatus> {
    const event = 'HEALTH_STATUS_TYPE_STATUS'
    return { event, status: this.status, details: 'running' }
  }

  async info(): Promise<GetInfoResponse> {
    const type = 'type.googleapis.com/google.protobuf.StringValue'
    return {
      version: this.version,
      name: 'tetragon',
      probes: [{ Name: 'fentry', Enabled: true }],
      conf: [{ key: 'btf', value: { '@type': type, value: '/btf' } }],
    }
  }

  async processes(): Promise<ProcessInternal[]> {
    return [
      { process: { pid: 1, exec_id: 'init', binary: '/sbin/init' }, color: 'inUse', refcnt: 2 },
    ]
  }
}
