import type { GetPolicyProgramsResponse, HookStatus } from '@tetragon-ts/api'
import { noCounts, selectionsOf } from '@tetragon-ts/compiler'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../../error.ts'
import type { Loading } from '../in-turns.ts'
import type {
  LoadedState,
  PolicyInKernel,
  PolicyLoader,
  SelectedWorkloads,
  WantedPrograms,
} from '../policy-loader.ts'

/** A kernel that accepts every policy whose name does not begin with `bad`. */
export class FakeLoader implements PolicyLoader {
  /** Loaded policies. */
  readonly loaded = new Set<FakePolicy>()
  /** Decides whether the next step fails. */
  fails = (_step: 'load' | 'replace' | 'unload'): boolean => false
  /** Every step waits for it. */
  before = (): Promise<void> => Promise.resolve()

  check(_document: PolicyDocument, _action: string): void {}

  async load(document: PolicyDocument, loading?: Loading): Promise<PolicyInKernel> {
    await this.step('load', document)
    if (loading?.isCancelled) {
      throw new AgentError('AGENT_POLICY', `load policy ${document.policy.name}: deleted`)
    }
    return new FakePolicy(this, document)
  }

  /** Names of the loaded policies. */
  get names(): string[] {
    return [...this.loaded].map(({ document }) => document.policy.name).sort()
  }

  /** @throws AgentError */
  async step(step: 'load' | 'replace' | 'unload', { policy }: PolicyDocument): Promise<void> {
    await this.before()
    await new Promise((resolve) => setImmediate(resolve))
    const isBad = step !== 'unload' && policy.name.startsWith('bad')
    if (isBad || this.fails(step)) {
      throw new AgentError('AGENT_POLICY', `${step} policy ${policy.name}:\nno such`)
    }
  }
}

/** A policy without hooks. */
export class FakePolicy implements PolicyInKernel {
  readonly document: PolicyDocument
  isAtLimit = false
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

  setMode(document: PolicyDocument): Promise<PolicyInKernel> {
    return this.replace(document)
  }

  async unload(): Promise<void> {
    await this.#loader.step('unload', this.document)
    this.#loader.loaded.delete(this)
  }

  workloads(): SelectedWorkloads[] {
    return selectionsOf(this.document.policy).map((each, set) => ({ ...each, set }))
  }

  async programs({ section, index, position }: WantedPrograms): Promise<GetPolicyProgramsResponse> {
    const { hooks } = this.document.policy
    const wanted = hooks.filter((hook) => {
      return section === '' || (section === hook.section && index === hook.index)
    })
    const [hook, more] = wanted.slice(position)
    if (hook === undefined) return {}
    const programs = [{ name: `tg_${hook.call}`, parts: [{ instructions: ['exit'] }] }]
    const next_position = more === undefined ? 0 : position + 1
    return { hooks: [{ path: hook.path, call: hook.call, programs }], next_position }
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
        hook: call,
        hookIndex: index,
        selectorIndex: 0,
        selectorLabel: '',
        counts: { ...noCounts, post: 3, nopost: 4 },
      })),
      missed: [],
    }
  }
}
