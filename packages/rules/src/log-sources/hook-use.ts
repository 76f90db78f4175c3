import type { KernelHookName } from './kernel-hook.ts'
import type { KernelTest } from './kernel-test.ts'

/** How a field is read from an argument (hooks/readings.ts). */
export type ReadingName =
  | 'text'
  | 'integer'
  | 'peerAddress'
  | 'peerPort'
  | 'mode'
  | 'fileType'
  | 'truncation'

/** Where a field of an event comes from. */
export type FieldSource =
  /** It always has this value; undefined: it is missing. */
  | { readonly constant: string | undefined }
  | { readonly argument: number; readonly as: ReadingName }
  /** Path of a folder, and of an entry in it as its file system shows it. */
  | { readonly folder: number; readonly file: number }
  /** Something that the kernel does not test. */
  | 'unknown'

/** A hook that a log source needs for its events. */
export interface HookUse {
  readonly hook: KernelHookName
  /** Fields that its events have; others are missing. `UtcTime` need not be named. */
  readonly fields: Readonly<Record<string, FieldSource>>
  /** Other names of fields, as patterns. */
  readonly otherFields?: (name: string) => FieldSource | undefined
  /** A field without which a rule does not need the hook. */
  readonly onlyFor?: string
  /** Tests without which a call is none of the log source. */
  readonly always?: readonly KernelTest[]
  /** What is used if the kernel does not offer this hook. */
  readonly instead?: readonly HookUse[]
}
