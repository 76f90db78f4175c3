import type { Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import type { Hook, Selector } from '@tetragon-ts/policy'
import { matchSelection } from './workload-sets.ts'

/**
 * Whether it is unknown if the task belongs to the workloads of the policy and of its selectors:
 * the pod of a new container, or its labels, are not known yet. The program continues as if it
 * belonged to them, and user space decides.
 */
export class UncertainWorkloads {
  readonly #selectors: readonly Selector[]
  readonly #ofSelectors: Variable | undefined
  #ofPolicy: Int | undefined
  #group: Int | undefined

  constructor(k: Code, { selectors }: Hook) {
    this.#selectors = selectors
    const isTested = selectors.some(({ workloads }) => matchSelection(workloads))
    this.#ofSelectors = isTested ? k.variable(0) : undefined
  }

  /** The control group that decides; the program sets it first. */
  get group(): Int {
    if (this.#group === undefined) throw new Error('the control group is not known yet')
    return this.#group
  }

  set group(group: Int) {
    this.#group = group
  }

  /** @param state of the whole policy, see `workloadState` */
  ofPolicy(state: Int): void {
    this.#ofPolicy = state.shiftRight(1)
  }

  /** @param state of a selector */
  ofSelector(selector: Selector, state: Int): void {
    const bits = this.#ofSelectors
    const index = this.#selectors.indexOf(selector)
    bits?.set(bits.or(state.shiftRight(1).shiftLeft(index)))
  }

  /** A bit for each of the first 32 selectors that may apply; undefined if none tests workloads. */
  get selectors(): Int | undefined {
    return this.#ofSelectors
  }

  /** 1 if it is unknown whether the policy or a selector applies, else 0. */
  at(index: number): Int | undefined {
    const isTested = matchSelection(this.#selectors[index]?.workloads) !== undefined
    const bit = isTested ? this.#ofSelectors?.shiftRight(index).and(1) : undefined
    return bit && this.#ofPolicy ? bit.or(this.#ofPolicy) : (bit ?? this.#ofPolicy)
  }
}
