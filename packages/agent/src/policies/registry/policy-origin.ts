import type { PolicyStore } from './policy-store.ts'

/**
 * The domain of policies that detection rules need: lists have these only if asked for. Clients and
 * objects cannot put others into it.
 */
export const rulesDomain = 'rules'

/** A source of policies, as the registry knows it. */
export interface PolicyOrigin {
  /** The default domain of its policies. */
  readonly domain: string
  /** Where the agent stores its policies; undefined: only the source has them. */
  readonly store?: PolicyStore | undefined
  /** Why clients may not delete, enable or disable its policies; undefined: they may. */
  readonly owner?: string | undefined
  /** Called after the mode of one of its policies has changed. */
  readonly changed?: () => void
}
