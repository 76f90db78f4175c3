import { recordMax } from '@tetragon-ts/compiler/hooks'
import { type RecordMemory, recordMemory } from '@tetragon-ts/ebpf/records'
import type { Readable } from '../json/hook-reader.ts'
import type { PendingCall } from './pending-calls.ts'
import type { PreparedHook } from './prepared-hook.ts'
import type { UncertainHit } from './uncertain-hit.ts'

/** Memory that records are copied to for reading, after they had to wait. */
export class CopiedRecords {
  /** The entry's record. */
  readonly memory: RecordMemory = recordMemory(new ArrayBuffer(recordMax))
  /** The record that decides the call. */
  readonly decisionMemory: RecordMemory = recordMemory(new ArrayBuffer(recordMax))
  readonly returnMemory: RecordMemory = recordMemory(new ArrayBuffer(recordMax))

  /**
   * Makes `waiting` and `decision` of a hook read the records of a call.
   * @returns the latter, if there is one
   */
  read(hook: PreparedHook, { bytes, pieces, decision }: PendingCall): Readable | undefined {
    this.memory.bytes.set(bytes)
    hook.waiting.header.at(0)
    hook.waiting.pieces = pieces
    if (!decision) return undefined
    this.decisionMemory.bytes.set(decision.bytes)
    hook.decision.header.at(0)
    hook.decision.pieces = decision.pieces
    return hook.decision
  }

  /** Makes `returned` of a hook read the record of a return. @returns it, if there is one */
  readReturn(hook: PreparedHook, leave: UncertainHit['leave']): Readable | undefined {
    if (!leave) return undefined
    this.returnMemory.bytes.set(leave.bytes)
    hook.returned.header.at(0)
    hook.returned.pieces = leave.pieces
    return hook.returned
  }
}
