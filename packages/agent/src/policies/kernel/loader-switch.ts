import { isInHostPidNamespace } from '@tetragon-ts/ebpf/programs'
import type { PolicyDocument } from '@tetragon-ts/policy'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import { PolicyError } from './policy-error.ts'

/** Events of executable mappings: on while at least one policy has `loader`. */
export class LoaderSwitch {
  readonly #reader: Pick<ReaderThread, 'switchLoader'>
  readonly #users = new Set<PolicyDocument>()
  #memory = 0

  constructor(reader: Pick<ReaderThread, 'switchLoader'>) {
    this.#reader = reader
  }

  /** Bytes of kernel memory per policy that has `loader`. */
  get memoryShare(): number {
    return this.#users.size === 0 ? 0 : this.#memory / this.#users.size
  }

  /**
   * A policy is loaded; does nothing for policies without `loader`.
   * @throws PolicyError if the kernel refuses the perf events
   */
  async acquire(document: PolicyDocument): Promise<void> {
    if (!document.policy.loader) return
    if (this.#users.size === 0) {
      // Records have pids of the namespace of the agent.
      if (!isInHostPidNamespace()) {
        throw refused(document, 'the agent is not in the initial pid namespace of the machine')
      }
      const { memory, refusal } = await this.#reader.switchLoader(true)
      if (refusal !== undefined) throw refused(document, refusal)
      this.#memory = memory
    }
    this.#users.add(document)
  }

  /** A policy is unloaded. Fulfilled when its events are written. */
  async release(document: PolicyDocument): Promise<void> {
    if (this.#users.delete(document) && this.#users.size === 0) {
      await this.#reader.switchLoader(false)
    }
  }
}

function refused(document: PolicyDocument, reason: string): PolicyError {
  const message = `loader is not available: ${reason}`
  return new PolicyError(document.policy.name, [
    document.diagnose('spec.loader', 'POLICY_HOOK', message),
  ])
}
