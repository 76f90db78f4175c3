import type { KprobeArgument, Process } from '@tetragon-ts/api'
import type { Truth } from './truth.ts'

/** A call of a hook that an event records. Values that the event lacks are undefined. */
export interface RecordedCall {
  readonly process: Process
  /** Its parent and further ancestors, as far as the event has them. */
  readonly ancestors: readonly Process[]
  /** The same with the program that made the call: for the start of a program, the old one. */
  readonly caller: Process | undefined
  /** Values of the hook's `args`, by position. */
  readonly args: readonly (KprobeArgument | undefined)[]
  readonly data: readonly (KprobeArgument | undefined)[]
  readonly result: KprobeArgument | undefined
}

/** A condition of a selector on recorded calls. */
export interface RecordedCondition {
  /** In the policy. */
  readonly path: string
  /** What events must have so that it can be decided. */
  readonly needs: string
  /** What the result is only right for. */
  readonly assumes?: string
  test(call: RecordedCall): Truth
}
