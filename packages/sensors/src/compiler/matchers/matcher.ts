import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { Selector } from '@tetragon-ts/policy'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import type { Membership } from '../process-sets/process-set.ts'

/** A matcher that looks at the process, not at the hook's arguments. */
export interface Matcher {
  /** The selector's parts that it handles; all of them must hold. */
  conditions(selector: Selector, hit: Hit, context: HookContext): readonly MatcherCondition[]
  /** Sets of processes that its conditions ask. */
  sets?(selector: Selector): readonly Membership[]
}

/** A condition of a selector, made when its turn comes. */
export interface MatcherCondition {
  readonly path: string
  make(): Condition
}
