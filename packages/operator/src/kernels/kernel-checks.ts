import { fields } from '@tetragon-ts/kubernetes'
import { SerialQueue } from '@tetragon-ts/service/queue'
import type { CheckQuestion, KernelResult } from './check-kernel.ts'
import { CheckProcess, type NoResult } from './check-process.ts'
import { kernelWarnings, type NodesResult } from './kernel-warnings.ts'
import type { KernelWatch } from './kernel-watch.ts'

/** The operator has no rights on nodes, so that it does not know their labels. */
const unselected = 'the warnings about nodes include nodes that spec.nodeSelector does not select'

/** Milliseconds for a policy. */
const limitMs = 3500
/** Part of the time of the API server: the request has waited before, and its answer takes time. */
const timeShare = 0.7
/** Policies that wait at a time: the webhook has few requests, and agents need some of them. */
const waitingMax = 8

/**
 * Checks policies for the kernels of the nodes, in processes: neither a policy nor a description
 * can hold up the main thread.
 */
export class KernelChecks {
  readonly #watch: Pick<KernelWatch, 'kernels' | 'descriptions'>
  readonly #limitMs: number
  readonly #processes = new Map<string, CheckProcess>()
  readonly #queue = new SerialQueue()
  /** Policies that are being checked, or wait. */
  #waiting = 0
  /** Processors of kernels for which they are not those of this process. */
  readonly #foreign = new Map<string, string>()

  constructor(watch: Pick<KernelWatch, 'kernels' | 'descriptions'>, ms = limitMs) {
    this.#watch = watch
    this.#limitMs = ms
  }

  close(): void {
    for (const each of this.#processes.values()) each.close()
  }

  /**
   * What nodes do not support of a policy that is valid; in time, even if that is not all.
   * @param ms that the API server waits for
   */
  async warnings(
    policy: CheckQuestion['policy'],
    ms = Number.POSITIVE_INFINITY,
  ): Promise<readonly string[]> {
    const { kept, refused, unknown } = this.#watch.kernels
    // Agents without this feature, or nodes that have just started.
    if (kept.length + refused.length === 0) return []
    const end = performance.now() + Math.min(this.#limitMs, ms * timeShare)
    for (const hash of this.#foreign.keys()) {
      if (!kept.some((each) => each.hash === hash)) this.#foreign.delete(hash)
    }
    const known = kept.flatMap(({ hash }) => {
      const bytes = this.#watch.descriptions.bytesOf(hash)
      return bytes && !this.#hasFailed(hash) ? [{ hash, bytes }] : []
    })
    const results = await this.#checkNext({ policy, kernels: known }, end)
    const nodes = kept.map(({ hash, pods }): NodesResult => {
      const without = this.#hasFailed(hash) ? 'failed' : 'unknown'
      return { nodes: pods.map(({ node }) => node), result: results.get(hash) ?? without }
    })
    const others: readonly NodesResult[] = [
      { nodes: unknown.map(({ node }) => node), result: 'unknown' },
      { nodes: refused.flatMap(({ pods }) => pods.map(({ node }) => node)), result: 'refused' },
    ]
    const warnings = kernelWarnings([...nodes, ...others])
    return warnings.length > 0 && hasNodeSelector(policy) ? [...warnings, unselected] : warnings
  }

  async #checkNext(
    question: Omit<CheckQuestion, 'id'>,
    end: number,
  ): Promise<ReadonlyMap<string, KernelResult | NoResult>> {
    if (this.#waiting >= waitingMax) {
      return new Map(question.kernels.map(({ hash }) => [hash, 'late']))
    }
    this.#waiting++
    try {
      return await this.#queue.run(() => this.#check(question, end))
    } finally {
      this.#waiting--
    }
  }

  async #check(
    { policy, kernels }: Omit<CheckQuestion, 'id'>,
    end: number,
  ): Promise<ReadonlyMap<string, KernelResult | NoResult>> {
    const results = new Map<string, KernelResult | NoResult>()
    let open = kernels
    // Again for those that turn out to be for other processors.
    for (let round = 0; open.length > 0 && round <= 1; round++) {
      const byArchitecture = new Map<string, (typeof open)[number][]>()
      for (const kernel of open) {
        const architecture = this.#foreign.get(kernel.hash) ?? process.arch
        byArchitecture.set(architecture, [...(byArchitecture.get(architecture) ?? []), kernel])
      }
      for (const [architecture, group] of byArchitecture) {
        await this.#ask(architecture, { policy, kernels: group }, end, results)
      }
      open = open.filter(({ hash }) => this.#isForeign(hash, results.get(hash)))
    }
    return results
  }

  async #ask(
    architecture: string,
    question: Omit<CheckQuestion, 'id'>,
    end: number,
    results: Map<string, KernelResult | NoResult>,
  ): Promise<void> {
    const left = end - performance.now()
    const checker = this.#processes.get(architecture) ?? new CheckProcess(architecture)
    this.#processes.set(architecture, checker)
    const found = left > 0 ? await checker.ask(question, left) : new Map<string, NoResult>()
    for (const { hash } of question.kernels) {
      results.set(hash, found.get(hash) ?? 'late')
    }
  }

  #hasFailed(hash: string): boolean {
    return [...this.#processes.values()].some((each) => each.hasFailed(hash))
  }

  /** Whether the kernel needs another process, which is noted. */
  #isForeign(hash: string, result: KernelResult | NoResult | undefined): boolean {
    if (typeof result !== 'object' || result.kind !== 'foreign') return false
    if (this.#foreign.has(hash)) return false
    this.#foreign.set(hash, result.architecture)
    return true
  }
}

function hasNodeSelector({ content }: CheckQuestion['policy']): boolean {
  return fields(fields(content).spec).nodeSelector !== undefined
}
