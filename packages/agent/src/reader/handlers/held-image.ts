import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import { kindOf, recordKind } from '@tetragon-ts/sensors'
import type { Process } from '../../processes/process.ts'
import type { ProcessInput } from './process-builder.ts'

/** An image of a process whose events are not posted: its exec or fork record. */
export interface HeldImage {
  readonly kind: 'exec' | 'fork'
  readonly pid: number
  /** Start of the process and of the image, in nanoseconds since boot. */
  readonly start: number
  readonly ktime: number
  /** The kernel's count of its execs. */
  readonly execs: number
  readonly parent: { readonly pid: number; readonly ktime: number }
  /** Of a fork: the image that called clone(2), which is not always the parent. */
  readonly cloner: { readonly pid: number; readonly ktime: number } | undefined
  readonly record: Uint8Array
  /** When its process ended; undefined: it was not seen. */
  endedAt: number | undefined
  /** Created when an event refers to it. */
  process: Process | undefined
}

/** Reads images in a memory. */
export type ImageInput = Pick<ProcessInput, 'exec' | 'fork'>

/** Kinds of records about processes whose events are not posted. */
export type HeldKind = 'exec' | 'fork' | 'exit'

/** The kind of a record; undefined if it is another one. */
export function heldKindAt({ words }: Pick<RecordMemory, 'words'>, offset: number) {
  const kind = kindOf(words[offset >>> 2])
  if (kind === recordKind.exec) return 'exec'
  if (kind === recordKind.fork) return 'fork'
  return kind === recordKind.exit ? 'exit' : undefined
}

/** The image of a record, of which it keeps a copy. */
export function readImage(
  { exec, fork }: ImageInput,
  { bytes }: Pick<RecordMemory, 'bytes'>,
  kind: 'exec' | 'fork',
  offset: number,
  length: number,
): HeldImage {
  const cursor = kind === 'exec' ? exec : fork
  cursor.at(offset)
  const { key, parent } = cursor.identity
  return {
    kind,
    pid: key.pid,
    // A process that was just forked began with its image.
    start: kind === 'exec' ? exec.start : key.ktime,
    ktime: key.ktime,
    execs: key.execs,
    parent: { pid: parent.pid, ktime: parent.ktime },
    cloner: kind === 'fork' ? { pid: fork.clonerPid, ktime: fork.clonerKtime } : undefined,
    record: bytes.slice(offset, offset + length),
    endedAt: undefined,
    process: undefined,
  }
}
