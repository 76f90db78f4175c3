import type { PolicyDocument } from '@tetragon-ts/policy'
import { SerialQueue } from '@tetragon-ts/service/queue'
import { AgentError } from '../../error.ts'
import type { Loading } from './in-turns.ts'

/** The kernel side of policies. It makes one change at a time. */
export interface PolicyKernel<Policy> {
  /**
   * Loads and attaches a policy, as a whole or not at all.
   * @param predecessor stays attached until the new policy has replaced it
   * @throws AgentError with all errors
   */
  load(
    document: PolicyDocument,
    predecessor: Policy | undefined,
    loading: Loading | undefined,
  ): Promise<Policy>
  /**
   * Detaches and unloads a policy; after an error it can be repeated.
   * @param successor is attached and continues with the policy's state
   */
  unload(policy: Policy, successor: Policy | undefined): Promise<void>
  /** A policy could not be unloaded after its successor had replaced it. */
  leftBehind(error: Error): void
  nameOf(policy: Policy): string
}

/** The policies in the kernel and their changes, made one after the other. */
export class KernelChanges<Policy extends object> {
  readonly #kernel: PolicyKernel<Policy>
  readonly #loaded = new Set<Policy>()
  /** What policies were renewed to last. */
  readonly #successors = new WeakMap<Policy, Policy>()
  /** The policies that renewed ones were first. */
  readonly #origins = new WeakMap<Policy, Policy>()
  readonly #changes = new SerialQueue()
  #isClosed = false

  constructor(kernel: PolicyKernel<Policy>) {
    this.#kernel = kernel
  }

  /** Whether no change is under way or waits. */
  get isIdle(): boolean {
    return this.#changes.isIdle
  }

  /** The loaded policies, in load order. */
  get loaded(): ReadonlySet<Policy> {
    return this.#loaded
  }

  /**
   * Fulfilled when the policy is attached.
   * @throws AgentError AGENT_POLICY, and nothing is loaded
   */
  add(document: PolicyDocument, loading?: Loading): Promise<Policy> {
    return this.#queue('add', document.policy.name, () => {
      return this.#load('add', document, undefined, loading)
    })
  }

  /**
   * Replaces a policy: the new one is attached before the old one is unloaded.
   * @throws AgentError AGENT_POLICY; then the old one is unchanged
   */
  replace(old: Policy, document: PolicyDocument, loading?: Loading): Promise<Policy> {
    return this.#queue('replace', document.policy.name, () => {
      return this.#replace('replace', this.latest(old), document, loading)
    })
  }

  /**
   * Loads a policy again, in place of itself, because what it was compiled for has changed. Later
   * changes of it change the new one.
   * @param document the policy as it is when its turn comes
   * @throws AgentError AGENT_POLICY; then the old one is unchanged
   */
  renew(old: Policy, document: () => PolicyDocument): Promise<void> {
    return this.#queue('renew', this.#kernel.nameOf(old), async () => {
      // It may have been renewed or removed in the meantime.
      if (!this.#loaded.has(old)) return
      const renewed = await this.#replace('renew', old, document())
      // Those in between are not kept.
      const origin = this.#origins.get(old) ?? old
      this.#origins.set(renewed, origin)
      this.#successors.set(origin, renewed)
    })
  }

  /** The policy that a policy was renewed to. */
  latest(policy: Policy): Policy {
    const origin = this.#origins.get(policy) ?? policy
    return this.#successors.get(origin) ?? policy
  }

  async #replace(
    action: string,
    old: Policy,
    document: PolicyDocument,
    loading?: Loading,
  ): Promise<Policy> {
    this.#mustBeLoaded(action, old)
    const policy = await this.#load(action, document, old, loading)
    try {
      await this.#unload(old, policy)
    } catch (error) {
      this.#kernel.leftBehind(error as Error)
    }
    return policy
  }

  /** Changes a loaded policy in place. @throws AgentError AGENT_POLICY if it is not loaded */
  adjust(action: string, old: Policy, change: (policy: Policy) => Promise<void>): Promise<void> {
    return this.#queue(action, this.#kernel.nameOf(old), async () => {
      const policy = this.latest(old)
      this.#mustBeLoaded(action, policy)
      await change(policy)
    })
  }

  /** Unloads a policy. @throws AgentError AGENT_POLICY if it is not loaded */
  remove(old: Policy): Promise<void> {
    return this.#queue('remove', this.#kernel.nameOf(old), async () => {
      const policy = this.latest(old)
      this.#mustBeLoaded('remove', policy)
      await this.#unload(policy)
    })
  }

  /**
   * Refuses further changes, including waiting ones. A policy that is being loaded is unloaded
   * after its load has ended: the caller must not wait for that, because the reader may never
   * respond.
   * @returns the loaded policies, which the caller unloads
   */
  close(): readonly Policy[] {
    this.#isClosed = true
    const loaded = [...this.#loaded]
    this.#loaded.clear()
    return loaded
  }

  async #load(
    action: string,
    document: PolicyDocument,
    old?: Policy,
    loading?: Loading,
  ): Promise<Policy> {
    const policy = await this.#kernel.load(document, old, loading)
    if (this.#isClosed) {
      await this.#kernel.unload(policy, undefined)
      throw stopping(action, document.policy.name)
    }
    this.#loaded.add(policy)
    return policy
  }

  async #unload(policy: Policy, successor?: Policy): Promise<void> {
    await this.#kernel.unload(policy, successor)
    this.#loaded.delete(policy)
  }

  #mustBeLoaded(action: string, policy: Policy): void {
    if (this.#loaded.has(policy)) return
    const name = this.#kernel.nameOf(policy)
    throw new AgentError('AGENT_POLICY', `${action} policy ${name}: it is not loaded`)
  }

  #queue<T>(action: string, name: string, change: () => Promise<T>): Promise<T> {
    return this.#changes.run(() => {
      if (this.#isClosed) throw stopping(action, name)
      return change()
    })
  }
}

/** The error of changes that come too late. */
export function stopping(action: string, name: string): AgentError {
  return new AgentError('AGENT_POLICY', `${action} policy ${name}: the agent is stopping`)
}
