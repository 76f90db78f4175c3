import type { ActionName } from '../schema/action.ts'
import type { Located } from './located.ts'

/** What an action says beside its name. Positions are those of the hook's `args`. */
export interface ActionValues {
  Post: {
    /** Nanoseconds between two events of one kind; 0: no limit. */
    readonly rateLimitNs: bigint
    readonly rateLimitScope: 'thread' | 'process' | 'global'
    readonly kernelStackTrace: boolean
    readonly userStackTrace: boolean
    readonly imaHash: boolean
  }
  NoPost: object
  Sigkill: object
  CleanupEnforcerNotification: object
  Signal: { readonly signal: number }
  Override: {
    readonly error: number
    readonly registers: readonly string[]
    readonly newSymbol?: string
    readonly newAddress?: bigint
    readonly newOffset?: bigint
  }
  GetUrl: { readonly url: string }
  DnsLookup: { readonly fqdn: string }
  FollowFD: { readonly fd: number; readonly name: number }
  UnfollowFD: { readonly fd: number; readonly name: number }
  CopyFD: { readonly fd: number; readonly name: number }
  TrackSock: { readonly sock: number }
  UntrackSock: { readonly sock: number }
  NotifyEnforcer: { readonly error: number; readonly signal: number }
  Set: { readonly index: number; readonly value: number }
}

/** What a match does: one of the actions `N`. */
export type Action<N extends ActionName = ActionName> = {
  readonly [A in N]: Located & { readonly action: A } & ActionValues[A]
}[N]
