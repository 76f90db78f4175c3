import { escapeUnprintable } from '@tetragon-ts/api'
import type { ProcessFacts } from '../store/process-facts.ts'

/** The binary and the arguments of a process, with everything visible that would not be. */
export function processText({ binary, args }: Pick<ProcessFacts, 'binary' | 'args'>): string {
  return escapeUnprintable(args === '' ? binary : `${binary} ${args}`)
}
