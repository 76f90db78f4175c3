import type { Argument } from './argument.ts'
import type { Located } from './located.ts'
import type { Selector } from './selector.ts'

/** Position of a hook in the document. */
export type Section = 'kprobes' | 'fentries' | 'tracepoints' | 'lsmhooks' | 'uprobes' | 'usdts'

/** A place that is watched. */
export interface Hook extends Located {
  readonly section: Section
  /** Its place in its section. */
  readonly index: number
  /**
   * Function or syscall as written (`sys_read`, `fd_install`), the LSM hook, or
   * `subsystem/event`; of uprobes the file, of usdts `provider/name`. For `list:NAME` the name is
   * in `list` as well.
   */
  readonly call: string
  readonly list?: string
  /** kprobes: `call` names a syscall. */
  readonly syscall: boolean
  /** tracepoints: arguments are those of the raw tracepoint. */
  readonly raw: boolean
  readonly args: readonly Argument[]
  readonly data: readonly Argument[]
  /** Set when the result is wanted (`return: true`). */
  readonly returnArg?: Argument
  readonly returnArgAction?: 'TrackSock' | 'UntrackSock'
  /** Empty: every hit is posted. */
  readonly selectors: readonly Selector[]
  readonly message: string
  readonly tags: readonly string[]
  readonly ignoreCallNotFound: boolean
  /** uprobes and usdts, as written. */
  readonly user?: UserHook
}

/** Where a hook of user space lies. */
export interface UserHook {
  readonly file: string
  readonly btfFile?: string
  readonly symbols: readonly string[]
  readonly offsets: readonly bigint[]
  readonly addresses: readonly bigint[]
  readonly refCtrOffsets: readonly bigint[]
  readonly provider?: string
  readonly name?: string
  readonly binaryDigests: readonly string[]
  readonly ignoreDigestFailure: boolean
}
