import type { BinaryMatch } from '@tetragon-ts/policy'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { executables } from '../process-sets/executables.ts'
import type { Matcher, MatcherCondition } from './matcher.ts'

/** matchBinaries: the executable of the process. */
export const binariesMatcher: Matcher = {
  conditions: ({ binaries }, hit, context) =>
    binaries.map((match) => condition(match, 'self', hit, context)),
  sets: ({ binaries }) => binaries.map(executables),
}

/** matchParentBinaries: the executable of its parent. */
export const parentBinariesMatcher: Matcher = {
  conditions: ({ parentBinaries }, hit, context) =>
    parentBinaries.map((match) => condition(match, 'parent', hit, context)),
  sets: ({ parentBinaries }) => parentBinaries.map(executables),
}

function condition(
  match: BinaryMatch,
  which: 'self' | 'parent',
  { k, task }: Hit,
  { processSets }: HookContext,
): MatcherCondition {
  return {
    path: match.path,
    make() {
      const found = processSets.get(executables(match)).contains(k, task.tgid, which)
      return match.negated ? found.not() : found
    },
  }
}
