import { type Fields, type RecordMemory, reader } from '@tetragon-ts/ebpf/records'
import {
  BacklogRecord,
  DataRecord,
  ExitRecord,
  ProcessKey,
  type ProcessRecords,
  processRecords,
} from '@tetragon-ts/sensors'
import { recordContent } from '../event-content.ts'
import type { EventContext } from '../event-context.ts'
import { ProcessDetails } from '../json/process-details.ts'

export type ExecFields = Fields<ProcessRecords['ExecRecord']['shape']>
export type RunningFields = Fields<ProcessRecords['RunningRecord']['shape']>
export type Identity = Fields<ProcessRecords['Identity']['shape']>

/** Cursors over the process records in a memory: the ring, or held records. */
export class ProcessInput {
  readonly memory: RecordMemory
  readonly exec
  readonly fork
  readonly exit
  readonly running
  readonly piece
  readonly backlog
  /** Offsets of the identity in records. */
  readonly identityAt: { readonly exec: number; readonly fork: number; readonly running: number }
  /** Offsets in records, for readers of many records: of the key, and of the process's start. */
  readonly keys: Readonly<Record<'exec' | 'fork' | 'exit', { key: number; start: number }>>
  /** Undefined if records have only the minimum. */
  readonly details: ProcessDetails | undefined

  constructor({ content, procfs }: EventContext, memory: RecordMemory) {
    const wanted = recordContent(content)
    const { Identity, ExecRecord, ForkRecord, RunningRecord } = processRecords(wanted)
    this.memory = memory
    this.exec = reader(ExecRecord, memory)
    this.fork = reader(ForkRecord, memory)
    this.exit = reader(ExitRecord, memory)
    this.running = reader(RunningRecord, memory)
    this.piece = reader(DataRecord, memory)
    this.backlog = reader(BacklogRecord, memory)
    this.identityAt = {
      exec: ExecRecord.field('identity').offset,
      fork: ForkRecord.field('identity').offset,
      running: RunningRecord.field('identity').offset,
    }
    const key = Identity.field('key').offset
    const ktime = ProcessKey.field('ktime').offset
    const fork = this.identityAt.fork + key
    this.keys = {
      exec: { key: this.identityAt.exec + key, start: ExecRecord.field('start').offset },
      // A process that was just forked began with its image.
      fork: { key: fork, start: fork + ktime },
      exit: { key: ExitRecord.field('key').offset, start: ExitRecord.field('start').offset },
    }
    if (wanted.credentials || wanted.namespaces) {
      this.details = new ProcessDetails(content, Identity, memory, procfs)
    }
  }
}
