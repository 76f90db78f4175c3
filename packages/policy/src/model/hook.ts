import type { Argument } from '../arguments/argument.ts'
import type { Located } from '../arguments/located.ts'
import type { Section } from '../arguments/section.ts'
import type { Selector } from './selector.ts'

/** A hook. */
export interface Hook extends Located {
  readonly section: Section
  /** Its index in its section. */
  readonly index: number
  /**
   * Function or syscall as in the document (`sys_read`, `fd_install`), LSM hook, or
   * `subsystem/event`; for uprobes the file, for usdts `provider/name`. For `list:NAME` the name is
   * also in `list`.
   */
  readonly call: string
  readonly list?: string
  /** kprobes: `call` is a syscall. */
  readonly syscall: boolean
  /** It is a call of an enforcer, not a hook of the document. */
  readonly isEnforcer?: true
  /** tracepoints: arguments are those of the raw tracepoint. */
  readonly raw: boolean
  readonly args: readonly Argument[]
  readonly data: readonly Argument[]
  /** Set if the return value is read (`return: true`). */
  readonly returnArg?: Argument
  readonly returnArgAction?: 'TrackSock' | 'UntrackSock'
  /** Empty: every hit is posted. */
  readonly selectors: readonly Selector[]
  readonly message: string
  readonly tags: readonly string[]
  readonly ignoreCallNotFound: boolean
  /** uprobes and usdts, as in the document. */
  readonly user?: UserHook
}

/** Location of a user space hook. */
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
