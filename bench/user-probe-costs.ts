/** Before the results. */
export const probeMarker = 'user probes: '

/** What a call costs with these probes. */
export interface Situation {
  readonly what: string
  readonly ns: number
}

export interface ProbeCosts {
  readonly situations: readonly Situation[]
  readonly attachMs: number
  readonly detachMs: number
  readonly kernelBytes: number
}
