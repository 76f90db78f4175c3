import { VerifierError } from '@tetragon-ts/ebpf/programs'

/** How much of the verifier's log to show: nothing, the last lines, all of it. */
export type VerifierLog = 'none' | 'end' | 'all'

/** An error for the operator, with as much of the verifier's log as is wanted. */
export function describeError(error: Error, verifierLog: VerifierLog): string {
  if (!(error instanceof VerifierError) || verifierLog === 'end') return error.message
  const [reason, ...rest] = error.message.split('\n')
  // Lines of the log are marked; the place in the source is not.
  const place = rest.filter((line) => !line.startsWith('  | '))
  const log = verifierLog === 'all' ? error.log.trimEnd().split('\n') : []
  return [reason, ...place, ...log.map((line) => `  | ${line}`)].join('\n')
}
