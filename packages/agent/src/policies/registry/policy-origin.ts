import type { PolicyStore } from './policy-store.ts'

/** A source of policies, as the registry knows it. */
export interface PolicyOrigin {
  /** The domain of its policies, unless a client names another. */
  readonly domain: string
  /** Where the agent keeps its policies across restarts; undefined: only the source has them. */
  readonly store?: PolicyStore | undefined
}
