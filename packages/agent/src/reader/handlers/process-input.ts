import { type Fields, type RecordMemory, reader } from '@tetragon-ts/ebpf/records'
import { DataRecord, ExitRecord, type ProcessRecords, processRecords } from '@tetragon-ts/sensors'
import { recordContent } from '../event-content.ts'
import type { EventContext } from '../event-context.ts'
import { ProcessDetails } from '../json/process-details.ts'

export type ExecFields = Fields<ProcessRecords['ExecRecord']['shape']>
export type Identity = Fields<ProcessRecords['Identity']['shape']>

/** Cursors over the process records in a memory: the ring, or held records. */
export class ProcessInput {
  readonly memory: RecordMemory
  readonly exec
  readonly fork
  readonly exit
  readonly running
  readonly piece
  /** Offsets of the identity in records. */
  readonly identityAt: { readonly exec: number; readonly fork: number; readonly running: number }
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
    this.identityAt = {
      exec: ExecRecord.field('identity').offset,
      fork: ForkRecord.field('identity').offset,
      running: RunningRecord.field('identity').offset,
    }
    if (wanted.credentials || wanted.namespaces) {
      this.details = new ProcessDetails(content, Identity, memory, procfs)
    }
  }
}
