import { type RecordMemory, recordMemory } from '@tetragon-ts/ebpf/records'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import {
  basicContent,
  DataRecord,
  ExitRecord,
  kindOf,
  ProcessKey,
  processRecords,
  recordKind,
} from '@tetragon-ts/sensors'
import type { Counters } from './counters.ts'
import type { EventContext } from './event-context.ts'
import { ControlGroups } from './handlers/control-groups.ts'
import { HookEvents } from './handlers/hook-events.ts'
import { LoaderEvents } from './handlers/loader-events.ts'
import { ProcessEvents } from './handlers/process-events.ts'
import type { HandleRecord, RecordHandler, RecordKind } from './handlers/record-handler.ts'
import { ThrottleEvents } from './handlers/throttle-events.ts'
import type { Latencies } from './latencies.ts'

/** Source of records: a ring, or bytes in tests. */
export type RecordSource = Pick<
  RingBufferReader,
  'bytes' | 'size' | 'pending' | 'read' | 'peek' | 'stop' | 'position' | 'end' | 'hasReached'
>

/** Records about processes: they are in final order only after the running processes are known. */
const heldKinds: ReadonlySet<number> = new Set([
  recordKind.exec,
  recordKind.fork,
  recordKind.exit,
  recordKind.data,
  recordKind.forget,
  recordKind.unlisted,
])

const kindCount = Math.max(...Object.values(recordKind)) + 1

/** Offset of the pid in records of processes, and of the parent's in those of execs and forks. */
const { ExecRecord, ForkRecord, Identity } = processRecords(basicContent)
const pidInKey = ProcessKey.field('pid').offset
const executedPid = ExecRecord.field('identity').offset + Identity.field('key').offset + pidInKey
const forkedPid = ForkRecord.field('identity').offset + Identity.field('key').offset + pidInKey
const endedPid = ExitRecord.field('key').offset + pidInKey
const piecePid = DataRecord.field('key').offset + pidInKey
const parentAfter = Identity.field('parent').offset - Identity.field('key').offset

/** Offsets of the pid by kind of record; those of ends are equal. */
const pidOffsets = new Map<number, number>([
  [recordKind.exec, executedPid],
  [recordKind.fork, forkedPid],
  [recordKind.data, piecePid],
])

/** Interval of checks how full the ring is, in records: a power of two. */
const lookEvery = 1 << 8

/** Hands each record to the handler of its kind. */
export class RecordDispatch {
  readonly processes: ProcessEvents
  readonly hooks: HookEvents
  readonly throttle: ThrottleEvents
  readonly loader: LoaderEvents
  /** All handlers that write events. */
  readonly handlers: readonly RecordHandler[]
  readonly #source: RecordSource
  readonly #memory: RecordMemory
  readonly #byKind: readonly HandleRecord[]
  readonly #afterRecord: () => void
  readonly #latencies: Latencies | undefined
  /** The ring, except while held records are replayed. */
  #words: Uint32Array
  /** Whether hook records are skipped to free memory for process records. */
  #sheds = false
  /** Whether those of enforced actions are skipped, too. */
  #shedsAll = false
  #shed = 0
  #records = 0
  /** Pids of processes whose exits are not posted, and the records before them. */
  readonly #heldExits: { readonly pid: number; readonly end: number }[] = []
  /** By kind. */
  readonly #kinds = new Float64Array(kindCount)

  /**
   * @param afterRecord called after the event of each record is written
   * @param latencies receives the latency of each record, if measured
   */
  constructor(
    source: RecordSource,
    context: EventContext,
    afterRecord: () => void,
    latencies: Latencies | undefined,
  ) {
    const { bytes } = source
    this.#source = source
    this.#memory = recordMemory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#words = this.#memory.words
    this.#afterRecord = afterRecord
    this.#latencies = latencies
    this.processes = new ProcessEvents(context, this.#memory, source)
    this.hooks = new HookEvents(context, this.#memory, this.processes.unknown.find)
    this.throttle = new ThrottleEvents(context, this.#memory)
    this.loader = new LoaderEvents(context, source, afterRecord)
    this.processes.onHeldExit = (pid) => this.#heldExits.push({ pid, end: source.end })
    this.loader.onPid = this.processes.adoptHeld
    this.handlers = [this.processes, this.hooks, this.throttle, this.loader]
    this.#byKind = this.#table(new ControlGroups(context, this.#memory))
  }

  /** Handlers by kind of record. A missing one does not compile. */
  #table(groups: ControlGroups): readonly HandleRecord[] {
    const { processes, hooks, throttle } = this
    const endCalls = (offset: number): void =>
      hooks.processEnded(this.#words[(offset + endedPid) >>> 2])
    const table = {
      exec: (offset) => {
        processes.exec(offset)
        hooks.processExecuted(this.#words[(offset + executedPid) >>> 2])
      },
      fork: (offset) => processes.fork(offset),
      exit: (offset) => {
        endCalls(offset)
        processes.exit(offset)
      },
      unlisted: (offset) => {
        endCalls(offset)
        processes.unlisted(offset)
      },
      forget: (offset) => {
        endCalls(offset)
        processes.forget(offset)
      },
      running: (offset) => processes.running(offset),
      data: (offset) => processes.data(offset),
      group: (offset) => groups.group(offset),
      groupEnd: (offset) => groups.end(offset),
      hookPiece: (offset) => {
        if (!this.#sheds) hooks.piece(offset)
      },
      hook: (offset, length) => {
        const isShed = this.#sheds && (this.#shedsAll || !hooks.isEnforced(offset))
        if (isShed) this.#shed++
        else hooks.record(offset, length)
      },
      refusals: (offset) => hooks.refusals(offset),
      backlog: (offset) => processes.backlog(offset),
      throttle: (offset) => throttle.record(offset),
    } satisfies Record<RecordKind, HandleRecord>
    const byKind: HandleRecord[] = Array.from({ length: kindCount }, () => () => {})
    for (const [name, number] of Object.entries(recordKind)) {
      byKind[number] = table[name as RecordKind]
    }
    return byKind
  }

  /**
   * Reads records from the source.
   * @param limit maximum number of records
   * @returns records read
   */
  read(limit: number): number {
    this.#lookAtRing()
    const read = this.#source.read(this.#reader, limit)
    this.#endHeldCalls()
    return read
  }

  /** Held exits are read early: the calls of a process end after its other records. */
  #endHeldCalls(): void {
    const exits = this.#heldExits
    let done = 0
    while (done < exits.length && this.#source.hasReached(exits[done].end)) {
      this.hooks.processEnded(exits[done++].pid)
    }
    if (done > 0) exits.splice(0, done)
  }

  /** All processes that started before the agent have been read. */
  foundRunning(): void {
    this.processes.foundRunning(this.#replay)
  }

  get #reader(): HandleRecord {
    if (this.processes.holds) return this.#hold
    return this.#latencies === undefined ? this.#onRecord : this.#onTimedRecord
  }

  /**
   * Hook records cannot use the last quarter of the ring. If the reader falls so far behind that
   * process records fill half of that quarter, it skips hook records until half of the ring is
   * free: skipping a record takes a fiftieth of the time of its event. Records of enforced actions
   * are skipped only if process records fill three quarters of it.
   */
  #lookAtRing(): void {
    const { pending, size } = this.#source
    if (this.#sheds) this.#sheds = pending > size / 2
    else this.#sheds = pending > (size * 7) / 8
    if (this.#shedsAll) this.#shedsAll = pending > (size * 7) / 8
    else this.#shedsAll = pending > (size * 15) / 16
  }

  /** Until the running processes are known: see `ProcessEvents.hold`. */
  readonly #hold = (offset: number, length: number): void => {
    const kind = kindOf(this.#words[offset >>> 2])
    if (!heldKinds.has(kind) || !this.processes.holds) return this.#onRecord(offset, length)
    const pidAt = pidOffsets.get(kind) ?? endedPid
    const introduces = kind === recordKind.exec || kind === recordKind.fork
    const subject = {
      pid: this.#words[(offset + pidAt) >>> 2],
      introducedBy: introduces ? this.#words[(offset + pidAt + parentAfter) >>> 2] : undefined,
    }
    const record = this.#memory.bytes.subarray(offset, offset + length)
    this.processes.hold(record, subject, this.#replay)
  }

  /** Handles a held record. */
  readonly #replay = (offset: number): void => {
    const words = this.#words
    this.#words = this.processes.memory.words
    this.#onRecord(offset, 0)
    this.#words = words
  }

  readonly #onRecord = (offset: number, length: number): void => {
    if ((++this.#records & (lookEvery - 1)) === 0) this.#lookAtRing()
    const kind = kindOf(this.#words[offset >>> 2])
    this.#kinds[kind]++
    const handle = this.#byKind[kind]
    if (handle) handle(offset, length)
    this.#afterRecord()
  }

  readonly #onTimedRecord = (offset: number, length: number): void => {
    const kind = kindOf(this.#words[offset >>> 2])
    const began = performance.now()
    this.#onRecord(offset, length)
    this.#latencies?.add(kind, performance.now() - began)
  }

  /** Publishes the number of records, and the counters of the handlers. */
  count(counters: Counters): void {
    const kinds = this.#kinds
    counters.set('records', this.#records)
    counters.set('execRecords', kinds[recordKind.exec] + kinds[recordKind.running])
    counters.set('forkRecords', kinds[recordKind.fork])
    counters.set('exitRecords', kinds[recordKind.exit])
    counters.set('hookRecords', kinds[recordKind.hook])
    counters.set('dataRecords', kinds[recordKind.data] + kinds[recordKind.hookPiece])
    counters.set('hooksShed', this.#shed)
    for (const handler of this.handlers) handler.count(counters)
  }
}
