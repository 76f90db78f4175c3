import type { GetInfoResponse, HealthStatus, HookStatus, ProcessInternal } from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { Log } from '../../log.ts'
import type { LoadedState, PolicyLoader } from '../policy-loader.ts'
import { PolicyRegistry } from '../policy-registry.ts'
import type { EventReceiver, EventSource, EventSubscription, ServerHost } from '../server-host.ts'

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
    const lines = events.map((event) => `${JSON.stringify(event)}\n`)
    this.#receiver?.lines(Buffer.from(lines.join('')))
  }

  lose(count: number): void {
    this.#receiver?.lost(count)
  }
}

/** A kernel that takes every policy whose name does not begin with `bad`. */
export class FakeLoader implements PolicyLoader {
  readonly loaded = new Map<string, PolicyDocument>()
  readonly atStart: PolicyDocument[] = []

  async load(document: PolicyDocument): Promise<void> {
    const { name } = document.policy
    if (name.startsWith('bad')) throw new AgentError('AGENT_POLICY', `add policy ${name}:\nno such`)
    this.loaded.set(name, document)
  }

  async unload(name: string): Promise<void> {
    this.loaded.delete(name)
  }

  state(name: string): LoadedState | undefined {
    const document = this.loaded.get(name)
    return (
      document && {
        kernelMemoryBytes: 12_345,
        hooks: document.policy.hooks.map(
          ({ section, call, index }): HookStatus => ({
            section,
            state: 'STATUS_LOADED',
            hook_description: `${call} (fentry)`,
            hook_idx: index,
          }),
        ),
      }
    )
  }

  loadedAtStart(): readonly PolicyDocument[] {
    return this.atStart
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
