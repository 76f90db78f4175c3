import { workloadChanged } from '../../processes/process.ts'
import type { EventContext } from '../event-context.ts'
import type { Pieces, Readable } from '../json/hook-reader.ts'
import { CopiedRecords } from './copied-records.ts'
import type { HookEventWriter } from './hook-event-writer.ts'
import type { HookProcess } from './hook-process.ts'
import { LateCounts } from './late-counts.ts'
import type { PendingCall } from './pending-calls.ts'
import type { PreparedHook } from './prepared-hook.ts'
import { isUncertain, type UncertainHit, uncertainHit, writeSelector } from './uncertain-hit.ts'
import { UncertainHits } from './uncertain-hits.ts'

/** A record of a function's return in the ring. */
interface ReturnRecord {
  readonly offset: number
  readonly length: number
  readonly pieces: Pieces | undefined
}

/**
 * Writes the events of records that had to wait: for the return of their call, or until it is known
 * whether their policy applies to the workload.
 */
export class WaitingWriter {
  readonly #found: HookProcess
  readonly #writer: HookEventWriter
  readonly copies = new CopiedRecords()
  /** Hits of unknown workloads. */
  readonly uncertain: UncertainHits
  /** Decisions that programs could not count. */
  readonly lateCounts = new LateCounts()

  constructor(
    { policySets, podWaitMs }: EventContext,
    found: HookProcess,
    writer: HookEventWriter,
  ) {
    this.#found = found
    this.#writer = writer
    this.uncertain = new UncertainHits(policySets, podWaitMs, this.lateCounts, this.#writeHit)
    if (policySets === undefined) return
    policySets.onDecided = (cgroup) => this.uncertain.decide(cgroup)
    policySets.isAwaited = (cgroup) => this.uncertain.awaits(cgroup)
  }

  /** Writes a call with its return. @param bytes the ring */
  writeReturned(
    hook: PreparedHook,
    call: PendingCall,
    { offset, length, pieces }: ReturnRecord,
    bytes: Uint8Array,
  ): void {
    if (isUncertain(call)) {
      const leave = { bytes: bytes.slice(offset, offset + length), pieces }
      return this.#decideLater(hook, call, leave)
    }
    hook.leave.header.at(offset)
    hook.leave.pieces = pieces
    this.#write(hook, call, hook.leave)
  }

  /** Writes a call without its return, unless the return would have to match. */
  writeWithoutReturn(hook: PreparedHook, call: PendingCall): void {
    if (isUncertain(call)) this.#decideLater(hook, call, undefined)
    else this.#write(hook, call, undefined)
  }

  #write(hook: PreparedHook, call: PendingCall, leave: Readable | undefined): void {
    const decided = this.copies.read(hook, call)
    const { selector } = decided?.header ?? hook.waiting.header
    if (!leave && hook.description.returnMatters[selector]) return
    this.#found.restore(call.entered)
    this.#writer.write(hook, hook.waiting, leave, decided)
  }

  /** Writes refusals that equal the one of a call. */
  writeEqual(hook: PreparedHook, call: PendingCall, count: number): void {
    this.copies.read(hook, call)
    this.#found.restore(call.entered)
    this.#writer.write(hook, hook.waiting, undefined, undefined, count)
  }

  #decideLater(hook: PreparedHook, entry: PendingCall, leave: UncertainHit['leave']): void {
    const decided = this.copies.read(hook, entry)
    const hit = uncertainHit(hook, hook.waiting, entry, leave, decided)
    if (leave || !hook.description.returnMatters[hit.selector]) this.uncertain.add(hit)
  }

  /** Writes a hit of a workload that was uncertain. */
  readonly #writeHit = ({ hook, entry, leave }: UncertainHit, selector: number): void => {
    const decided = this.copies.read(hook, entry)
    for (const record of [hook.waiting, decided]) {
      if (record) writeSelector(record, selector)
    }
    const returned = this.copies.readReturn(hook, leave)
    // Its pod may have more fields now.
    const { process } = entry.entered ?? {}
    if (process) workloadChanged(process)
    this.#found.restore(entry.entered)
    this.#writer.write(hook, hook.waiting, returned, decided)
  }
}
