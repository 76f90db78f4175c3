import {
  type CallOf,
  enforcementOutcomes,
  type HookDescription,
  HookPiece,
  hookFlags,
} from '@tetragon-ts/compiler/hooks'
import { type RecordMemory, type RecordReader, reader } from '@tetragon-ts/ebpf/records'
import type { KeptProcess } from '../../processes/process-cache.ts'
import type { Counters } from '../counters.ts'
import type { EventContext } from '../event-context.ts'
import type { Header, Pieces } from '../json/hook-reader.ts'
import { imageText } from '../json/image-text.ts'
import type { RedactText } from '../json/redacted-data.ts'
import { HookEventWriter } from './hook-event-writer.ts'
import { HookProcess, type LookUp } from './hook-process.ts'
import { KeptRefusals } from './kept-refusals.ts'
import type { LateCounts } from './late-counts.ts'
import { Lookups } from './lookups.ts'
import { type PendingCall, PendingCalls } from './pending-calls.ts'
import { LongData } from './pieces.ts'
import { countedName, type PreparedHook, prepareHook } from './prepared-hook.ts'
import type { RecordHandler } from './record-handler.ts'
import { uncertainHit } from './uncertain-hit.ts'
import { WaitingWriter } from './waiting-writer.ts'

/**
 * Turns records of policy hooks into `process_kprobe`, `process_tracepoint` and `process_lsm`
 * events.
 */
export class HookEvents implements RecordHandler {
  readonly #context: EventContext
  readonly #memory: RecordMemory
  readonly #hooks = new Map<number, PreparedHook>()
  readonly #pending: PendingCalls
  readonly #longData: LongData
  readonly #piece: RecordReader<typeof HookPiece.shape>
  readonly #abandoned: CallOf[] = []
  readonly #found: HookProcess
  readonly #writer: HookEventWriter
  readonly #waiting: WaitingWriter
  readonly #refusals: KeptRefusals
  readonly #lookups: Lookups
  /** Events of undecided calls: an argument was unreadable. */
  #undecided = 0
  /** Records of hooks that were removed before the record was read. */
  #unknown = 0

  /** @param lookUp adds a process to the cache if the kernel has it */
  constructor(context: EventContext, memory: RecordMemory, lookUp?: LookUp) {
    this.#context = context
    this.#memory = memory
    this.#found = new HookProcess(context.cache, lookUp)
    this.#lookups = new Lookups(this.#found, this.#redact)
    this.#writer = new HookEventWriter(context, this.#found, this.#lookups)
    this.#pending = new PendingCalls(context.waiting?.calls)
    this.#longData = new LongData(context.waiting?.values)
    this.#piece = reader(HookPiece, memory)
    this.#waiting = new WaitingWriter(context, this.#found, this.#writer)
    this.#refusals = new KeptRefusals(memory)
  }

  /** Decisions that programs could not count. */
  get lateCounts(): LateCounts {
    return this.#waiting.lateCounts
  }

  /** Writes the events. */
  get writer(): HookEventWriter {
    return this.#writer
  }

  get written(): number {
    return this.#writer.written
  }

  count(counters: Counters): void {
    counters.set('unknownHooks', this.#unknown)
    // Entries whose return was lost: they were written without it.
    counters.set('returnsLost', this.#pending.givenUp)
    counters.set('undecided', this.#undecided)
    counters.set('undecidedPods', this.#waiting.uncertain.undecided)
    counters.set('requestsDropped', this.#writer.requestsDropped)
    counters.set('unnamedFrames', this.#writer.unnamedFrames)
    counters.set('unknownProcesses', this.#writer.unknownProcesses)
    // Events whose pid belongs to another process or image in the cache: records were lost.
    counters.set('staleProcesses', this.#found.stale)
    // The record of the first of them was skipped or lost.
    counters.set('refusalsLost', this.#refusals.lost)
  }

  add(description: HookDescription): void {
    const { cache, content, counts } = this.#context
    cache.keepsEnded = true
    const { copies } = this.#waiting
    const { namesOf } = this.#lookups
    const hook = prepareHook(description, content, this.#memory, copies, this.#redact, namesOf)
    this.#lookups.add(hook.lookup)
    if (hook.showsAncestors) cache.keepsAncestors = true
    counts?.addHook(description.id, {
      policy: description.policyName,
      names: description.functions.map((name) => countedName(description, name)),
    })
    this.#context.findings?.hooks.add(description)
    this.#writer.prepare(hook)
    this.#hooks.set(description.id, hook)
  }

  /** Undefined if nothing is redacted. */
  get #redact(): RedactText | undefined {
    const { redaction } = this.#context
    const binary = (): string => imageText(this.#found.process?.image ?? '', 'binary')
    return redaction && ((text) => redaction.redact(text, binary))
  }

  /** @see Overlaps.add */
  overlap(old: readonly number[], fresh: readonly number[]): void {
    this.#writer.overlaps.add(old, fresh)
  }

  /**
   * @param removedAt boot time after which the hook has no hits
   * @param successorSince boot time since when the hooks of the successor see the same hits
   */
  remove(id: number, removedAt: bigint, successorSince?: bigint): void {
    const waiting = this.#pending.takeHook(id)
    if (successorSince !== undefined) {
      // No other hook waits for the return of calls that were entered before.
      const isUnseen = (call: PendingCall) => enteredAt(call) < successorSince
      waiting.filter(isUnseen).forEach(this.#writeWithoutReturn)
    }
    const hook = this.#hooks.get(id)
    if (hook) this.#waiting.uncertain.finish(hook)
    this.#writer.overlaps.remove(id, Number(removedAt), performance.now())
    this.#hooks.delete(id)
    this.#context.findings?.hooks.remove(id)
    this.#lookups.remove(hook?.lookup)
    this.#context.counts?.removeHook(id)
    this.#longData.remove(id)
  }

  /** A piece of a value whose record follows. */
  piece(offset: number): void {
    const piece = this.#piece
    piece.at(offset)
    const { offset: from, length } = piece.bytes
    const bytes = this.#memory.bytes.subarray(from, from + length)
    this.#longData.add(piece.hook, piece.tid, piece.index, piece.offset, bytes)
  }

  /** A hook record. @param length bytes of the record */
  record(offset: number, length: number): void {
    const { words } = this.#memory
    const hook = this.#hooks.get(words[(offset >>> 2) + 1])
    if (!hook) {
      this.#unknown++
      return
    }
    const { header } = hook.enter
    header.at(offset)
    const { flags } = header
    const pieces = this.#longData.take(header.hook, header.tid)
    if ((flags & hookFlags.pending) !== 0) {
      const bytes = this.#memory.bytes.subarray(offset, offset + length)
      const entered = this.#found.keep(hook.enter)
      const oldest = this.#pending.add(callOf(hook, bytes, pieces, entered))
      if (oldest) this.#abandon(oldest)
    } else if ((flags & hookFlags.decided) !== 0) {
      const bytes = this.#memory.bytes.slice(offset, offset + length)
      this.#decide(hook, header, { bytes, pieces })
    } else if ((flags & hookFlags.returned) !== 0) {
      const { tid, hook: id, timeHigh, timeLow } = header
      const call = this.#pending.take(tid, id, timeHigh, timeLow, this.#writeWithoutReturn)
      if (!call || (flags & hookFlags.cancelled) !== 0) return
      this.#waiting.writeReturned(hook, call, { offset, length, pieces }, this.#memory.bytes)
    } else if ((flags & hookFlags.uncertain) !== 0) {
      const bytes = this.#memory.bytes.slice(offset, offset + length)
      const entry = callOf(hook, bytes, pieces, this.#found.keep(hook.enter))
      this.#waiting.uncertain.add(uncertainHit(hook, hook.enter, entry))
    } else {
      hook.enter.pieces = pieces
      this.#found.find(hook.enter)
      this.#writer.write(hook, hook.enter)
      const { refusal } = hook.enter
      if (!refusal) return
      const bytes = (): Uint8Array => this.#memory.bytes.slice(offset, offset + length)
      const entered = () => this.#found.keepFound()
      this.#refusals.keep(refusal, () => callOf(hook, bytes(), pieces, entered()))
    }
  }

  /** Whether a record has executed enforcing actions: a look that costs less than its event. */
  isEnforced(offset: number): boolean {
    const hook = this.#hooks.get(this.#memory.words[(offset >>> 2) + 1])
    if (hook?.enter.enforcement === undefined) return false
    const { header } = hook.enter
    header.at(offset)
    // Its fields are in another order.
    if ((header.flags & hookFlags.decided) !== 0) return false
    const isReturn = (header.flags & hookFlags.returned) !== 0
    if (isReturn) hook.leave.header.at(offset)
    const { enforcement } = isReturn ? hook.leave : hook.enter
    return enforcement?.outcome === enforcementOutcomes.executed
  }

  /** A report of refusals that equal one that was written. */
  refusals(offset: number): void {
    const equal = this.#refusals.read(offset)
    const hook = equal && this.#hooks.get(equal.call.hook)
    if (hook) this.#waiting.writeEqual(hook, equal.call, equal.count)
    else if (equal) this.#refusals.lost += equal.count
  }

  /** An argument was read again: the event is posted, waits further, or is dropped. */
  #decide(hook: PreparedHook, header: Header, decision: PendingCall['decision']): void {
    const { tid, hook: id, timeHigh, timeLow, flags } = header
    const isCancelled = (flags & hookFlags.cancelled) !== 0
    if (hook.description.returns && !isCancelled) {
      const call = this.#pending.find(tid, id, timeHigh, timeLow)
      if (call) call.decision = decision
      return
    }
    const call = this.#pending.take(tid, id, timeHigh, timeLow, this.#writeWithoutReturn)
    if (call && !isCancelled) this.#waiting.writeWithoutReturn(hook, { ...call, decision })
  }

  /**
   * Writes the calls that were already waiting for a decision at the previous call. Otherwise a
   * process could hold back its event with a call that takes arbitrarily long.
   */
  writeOverdue(): void {
    if (this.#pending.size === 0) return
    // The kernel side drops them itself at their return; that record then finds no call here.
    this.#pending.takeOverdue(this.#isUndecided).forEach(this.#writeWithoutReturn)
  }

  /** Milliseconds until hits that wait for their pod must be checked. */
  get rest(): number {
    const { policySets } = this.#context
    return Math.min(this.#waiting.uncertain.rest, policySets?.rest ?? Number.POSITIVE_INFINITY)
  }

  endBatch(): void {
    this.#context.policySets?.retry()
    this.#waiting.uncertain.expire()
  }

  /** Writes everything that waits for a decision: no more records follow. */
  finish(): void {
    this.#pending.takeHooks(this.#isUndecided).forEach(this.#writeWithoutReturn)
    this.#waiting.uncertain.finish()
  }

  readonly #isUndecided = (id: number): boolean =>
    this.#hooks.get(id)?.description.returns === false

  /** A process ends: its pending calls do not return. */
  processEnded(pid: number): void {
    this.#lookups.ended(this.#context.cache.get(pid))
    if (this.#pending.size === 0) return
    for (const call of this.#pending.takeProcess(pid)) this.#abandon(call)
  }

  /** A process executes a program: its other threads and their pending calls are gone. */
  processExecuted(pid: number): void {
    const { parent } = this.#context.cache.get(pid) ?? {}
    // The parent of a new image with the same pid is the image that it replaced.
    if (parent?.pid === pid) this.#lookups.ended(parent)
    if (this.#pending.size === 0) return
    for (const call of this.#pending.takeProcess(pid, pid)) this.#abandon(call)
  }

  /** Calls that will not return but are still in the kernel's table; each is returned once. */
  takeAbandoned(): readonly CallOf[] {
    return this.#abandoned.splice(0)
  }

  #abandon(call: PendingCall): void {
    this.#abandoned.push({ hook: call.hook, call: { tid: call.tid, time: enteredAt(call) } })
    this.#writeWithoutReturn(call)
  }

  /** Writes a call without its return, unless the return would have to match. */
  readonly #writeWithoutReturn = (call: PendingCall): void => {
    const hook = this.#hooks.get(call.hook)
    if (!hook) return
    if (this.#isUndecided(call.hook)) this.#undecided++
    this.#waiting.writeWithoutReturn(hook, call)
  }
}

/** Nanoseconds since boot. */
function enteredAt({ timeHigh, timeLow }: PendingCall): bigint {
  return (BigInt(timeHigh >>> 0) << 32n) | BigInt(timeLow >>> 0)
}

/** The record that `enter` of a hook reads, as a call that waits. */
function callOf(
  { enter }: PreparedHook,
  bytes: Uint8Array,
  pieces: Pieces | undefined,
  entered: KeptProcess | undefined,
): PendingCall {
  const { pid, tid, hook, timeHigh, timeLow } = enter.header
  return { pid, tid, hook, timeHigh, timeLow, bytes, pieces, entered }
}
