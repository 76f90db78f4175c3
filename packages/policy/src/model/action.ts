import type { Located } from './located.ts'

/** What a match does. */
export type Action = Located &
  (
    | {
        readonly action: 'Post'
        /** Nanoseconds between two events of one kind; 0: no limit. */
        readonly rateLimitNs: bigint
        readonly rateLimitScope: 'thread' | 'process' | 'global'
        readonly kernelStackTrace: boolean
        readonly userStackTrace: boolean
        readonly imaHash: boolean
      }
    | { readonly action: 'NoPost' | 'Sigkill' | 'CleanupEnforcerNotification' }
    | { readonly action: 'Signal'; readonly signal: number }
    | {
        readonly action: 'Override'
        readonly error: number
        readonly registers: readonly string[]
        readonly newSymbol?: string
        readonly newAddress?: bigint
        readonly newOffset?: bigint
      }
    | { readonly action: 'GetUrl'; readonly url: string }
    | { readonly action: 'DnsLookup'; readonly fqdn: string }
    /** Positions in the hook's `args`. */
    | {
        readonly action: 'FollowFD' | 'UnfollowFD' | 'CopyFD'
        readonly fd: number
        readonly name: number
      }
    | { readonly action: 'TrackSock' | 'UntrackSock'; readonly sock: number }
    | { readonly action: 'NotifyEnforcer'; readonly error: number; readonly signal: number }
    | { readonly action: 'Set'; readonly index: number; readonly value: number }
  )
