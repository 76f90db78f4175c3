import type { OnFailure } from '@tetragon-ts/ebpf/links'

/** What the thread gets when it starts. */
export interface ThreadOptions {
  /** It is rung after each command. */
  readonly doorbellFd: number
}

/** To the thread that answers. The descriptors become its own. */
export type Command =
  | {
      readonly kind: 'answer'
      /** Number of the link. */
      readonly link: number
      readonly groupFd: number
      readonly programFd: number
      readonly onFailure: OnFailure
    }
  | { readonly kind: 'stop'; readonly link: number }
  | { readonly kind: 'settle'; readonly question: number }
  | { readonly kind: 'end' }

/** From the thread. */
export type Report =
  | { readonly kind: 'ready' }
  /** What was asked before the question is answered. */
  | { readonly kind: 'settled'; readonly question: number }
  /** An event of a link was decided without its program. */
  | { readonly kind: 'failed'; readonly link: number; readonly message: string }
