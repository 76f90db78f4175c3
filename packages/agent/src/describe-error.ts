import { VerifierError } from '@tetragon-ts/ebpf/programs'

/** How much of the verifier's log to show: nothing, the last lines, all of it. */
export type VerifierLog = 'none' | 'end' | 'all'

/** An error for the operator, with the requested part of the verifier's log. */
export function describeError(error: Error, verifierLog: VerifierLog): string {
  if (!(error instanceof VerifierError) || verifierLog === 'end') return error.message
  const log = verifierLog === 'all' ? error.log.trimEnd().split('\n') : []
  return [error.summary, ...log.map((line) => `  | ${line}`)].join('\n')
}
