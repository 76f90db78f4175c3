import type { PolicyStore } from './policy-store.ts'

/** A source of policies, as the registry knows it. */
export interface PolicyOrigin {
  /** The default domain of its policies. */
  readonly domain: string
  /** Where the agent stores its policies; undefined: only the source has them. */
  readonly store?: PolicyStore | undefined
  /** Why clients may not delete, enable or disable its policies; undefined: they may. */
  readonly owner?: string | undefined
  /** Detection rules need its policies: only lists that ask for them have them. */
  readonly isOfRules?: boolean
  /** Called after the mode of one of its policies has changed. */
  readonly changed?: () => void
}
