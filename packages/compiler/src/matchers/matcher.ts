import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { Selector } from '@tetragon-ts/policy'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Membership } from '../hook/membership.ts'

/** A matcher that tests the process, not the hook's arguments. */
export interface Matcher {
  /** Its parts of the selector; all of them must match. */
  conditions(selector: Selector, hit: Hit, context: HookContext): readonly MatcherCondition[]
  /** Process sets that its conditions use. */
  sets?(selector: Selector): readonly Membership[]
}

/** A condition of a selector, evaluated in order. */
export interface MatcherCondition {
  readonly path: string
  make(): Condition
}
