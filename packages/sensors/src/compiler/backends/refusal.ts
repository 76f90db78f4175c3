/** Why a back end cannot be used. */
export interface Refusal {
  /**
   * The cause: this kernel, the arguments that the policy reads, or anything else in the policy
   * (its section, its options).
   */
  readonly by: 'kernel' | 'arguments' | 'policy'
  readonly reason: string
  /** The kernel refused to load a program of it; otherwise it was never loaded, or not attached. */
  readonly atLoad?: true
}

export function byKernel(reason: string): Refusal {
  return { by: 'kernel', reason }
}

export function byArguments(reason: string): Refusal {
  return { by: 'arguments', reason }
}

export function byPolicy(reason: string): Refusal {
  return { by: 'policy', reason }
}

/** Whether planning ended with a refusal. */
export function isRefusal(outcome: object): outcome is Refusal {
  return 'by' in outcome && 'reason' in outcome
}
