import { type RecordMemory, type RecordReader, reader } from '@tetragon-ts/ebpf/records'
import type { CallOf, UserRequest } from '@tetragon-ts/sensors/hooks'
import { type HookDescription, HookPiece, hookFlags } from '@tetragon-ts/sensors/hooks'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Process } from '../../processes/process.ts'
import type { EventContext } from '../event-context.ts'
import { writeAncestors } from '../json/ancestors-json.ts'
import { writeEnvelope, writeUnknownProcess } from '../json/event-json.ts'
import type { Header, Readable } from '../json/hook-reader.ts'
import { endingKind, type HookEnding } from '../json/hook-texts.ts'
import { writeValue, writeValues } from '../json/hook-values-json.ts'
import { writeImaHash } from '../json/ima-hash-json.ts'
import { writeProcess } from '../json/process-json.ts'
import { StackJson } from '../json/stack-json.ts'
import { HookProcess } from './hook-process.ts'
import { countedName, type KnownHook, knownHook } from './known-hook.ts'
import { LongData } from './long-data.ts'
import { Overlap } from './overlap.ts'
import { type PendingCall, PendingCalls } from './pending-calls.ts'

/** So many requests to user space are kept until the next round. */
const requestsMax = 4096

/**
 * Records of policies' hooks become `process_kprobe`, `process_tracepoint`, `process_lsm` events.
 */
export class HookEvents {
  readonly #context: EventContext
  readonly #memory: RecordMemory
  readonly #hooks = new Map<number, KnownHook>()
  readonly #pending: PendingCalls
  readonly #longData: LongData
  readonly #piece: RecordReader<typeof HookPiece.shape>
  readonly #abandoned: CallOf[] = []
  readonly #requests: UserRequest[] = []
  readonly #stacks: StackJson
  /** By hook, while a policy takes the place of another. */
  readonly #overlaps = new Map<number, Overlap>()
  /** The process whose event is written. */
  readonly #found: HookProcess
  /** Ancestors to show in it. */
  #ancestors: readonly Process[] = none
  /** Events written. */
  written = 0
  /** Requests to user space that there were too many of. */
  requestsDropped = 0
  /** Events whose process, or the image that it runs, is not known. */
  unknownProcesses = 0
  /** Events of calls that were not decided before they were written: an argument is unreadable. */
  undecided = 0
  /** Records of hooks that were removed before the record was read. */
  unknown = 0

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#stacks = new StackJson(context.procfs, context.content.stackAddresses)
    this.#memory = memory
    this.#found = new HookProcess(context.cache)
    this.#pending = new PendingCalls(context.waiting?.calls)
    this.#longData = new LongData(context.waiting?.values)
    this.#piece = reader(HookPiece, memory)
  }

  /** Entries whose return never came: they were written without it. */
  get returnsLost(): number {
    return this.#pending.givenUp
  }

  /** Events whose pid is that of another process or image in the cache: records were lost. */
  get staleProcesses(): number {
    return this.#found.stale
  }

  add(description: HookDescription): void {
    const { cache, content, counts } = this.#context
    cache.keepsEnded = true
    const { memory, decisionMemory } = this.#pending
    const hook = knownHook(description, content, this.#memory, memory, decisionMemory)
    if (hook.showsAncestors) cache.keepsAncestors = true
    counts?.addHook(description.id, {
      policy: description.policyName,
      names: description.functions.map((name) => countedName(description, name)),
    })
    if (description.extras.stacks.includes('kernel')) this.#stacks.prepare()
    this.#hooks.set(description.id, hook)
  }

  /** Both post for a while: the hooks of a policy, and those that take their place. */
  overlap(old: readonly number[], fresh: readonly number[]): void {
    if (old.length === 0) return
    const overlap = new Overlap(old, fresh)
    for (const id of [...old, ...fresh]) this.#overlaps.set(id, overlap)
  }

  /** @param heirSince boot time since when other hooks see what this one saw */
  remove(id: number, heirSince?: bigint): void {
    const waiting = this.#pending.takeHook(id)
    if (heirSince !== undefined) {
      // Nobody else waits for the return of calls that began before.
      const isUnseen = (call: PendingCall) => enteredAt(call) < heirSince
      waiting.filter(isUnseen).forEach(this.#writeWithoutReturn)
    }
    const overlap = this.#overlaps.get(id)
    if (overlap?.old.has(id)) {
      overlap.oldIsGone(performance.now())
      this.#overlaps.delete(id)
    } else if (overlap) {
      for (const each of [...overlap.old, ...overlap.fresh]) this.#overlaps.delete(each)
    }
    this.#hooks.delete(id)
    this.#context.counts?.removeHook(id)
    this.#longData.remove(id)
  }

  /** Whether another policy posted this hit already. */
  #isTwice(
    { description }: KnownHook,
    enter: Readable,
    leave: Readable | undefined,
    decided: Readable | undefined,
  ): boolean {
    this.forgetOverlaps()
    const { hook, tid, functionIndex } = enter.header
    const overlap = this.#overlaps.get(hook)
    if (!overlap) return false
    // The end of the event buffer serves as scratch space.
    const { out } = this.#context
    const from = out.length
    writeValues(out, 'args', enter, leave, decided)
    writeValues(out, 'data', enter, leave)
    writeResult(out, enter, leave)
    const values = out.latin1Since(from)
    out.length = from
    return overlap.isTwice(hook, tid, description.functions[functionIndex] + values)
  }

  #writeStacks({ stacks, memory, header }: Readable, { parts }: HookEnding): void {
    const { out } = this.#context
    for (const [i, wanted] of (['kernel', 'user'] as const).entries()) {
      out.latin1(parts[i])
      for (const { kind, tail } of stacks) {
        if (kind === wanted) this.#stacks.write(out, kind, tail, memory, header.pid)
      }
    }
  }

  /** Forgets policies that have taken the place of others for good. */
  forgetOverlaps(): void {
    if (this.#overlaps.size === 0) return
    const now = performance.now()
    for (const [id, overlap] of this.#overlaps) if (overlap.isOver(now)) this.#overlaps.delete(id)
  }

  /** A piece of a value whose record follows. */
  piece(offset: number): void {
    const piece = this.#piece
    piece.at(offset)
    const { offset: from, length } = piece.bytes
    const bytes = this.#memory.bytes.subarray(from, from + length)
    this.#longData.add(piece.hook, piece.tid, piece.place, piece.offset, bytes)
  }

  /** A record of a hook. @param length bytes of the record */
  record(offset: number, length: number): void {
    const { words } = this.#memory
    const hook = this.#hooks.get(words[(offset >>> 2) + 1])
    if (!hook) {
      this.unknown++
      return
    }
    const { header } = hook.enter
    header.at(offset)
    const { flags } = header
    const pieces = this.#longData.take(header.hook, header.tid)
    if ((flags & hookFlags.pending) !== 0) {
      const bytes = this.#memory.bytes.subarray(offset, offset + length)
      const { pid, tid, hook: id, timeHigh, timeLow } = header
      const entered = this.#found.keep(hook.enter)
      const call = { pid, tid, hook: id, timeHigh, timeLow, bytes, pieces, entered }
      const oldest = this.#pending.add(call)
      if (oldest) this.#abandon(oldest)
    } else if ((flags & hookFlags.decided) !== 0) {
      const bytes = this.#memory.bytes.slice(offset, offset + length)
      this.#decide(hook, header, { bytes, pieces })
    } else if ((flags & hookFlags.returned) !== 0) {
      const { tid, hook: id, timeHigh, timeLow } = header
      const call = this.#pending.take(tid, id, timeHigh, timeLow, this.#writeWithoutReturn)
      if (!call || (flags & hookFlags.cancelled) !== 0) return
      hook.leave.header.at(offset)
      hook.leave.pieces = pieces
      this.#writeWaiting(hook, call, hook.leave)
    } else {
      hook.enter.pieces = pieces
      this.#found.find(hook.enter)
      this.#write(hook, hook.enter)
    }
  }

  /**
   * What the entry could not read was read again: the event is posted, goes on waiting, or is none.
   */
  #decide(hook: KnownHook, header: Header, decision: PendingCall['decision']): void {
    const { tid, hook: id, timeHigh, timeLow, flags } = header
    const isCancelled = (flags & hookFlags.cancelled) !== 0
    if (hook.description.returns && !isCancelled) {
      const call = this.#pending.find(tid, id, timeHigh, timeLow)
      if (call) call.decision = decision
      return
    }
    const call = this.#pending.take(tid, id, timeHigh, timeLow, this.#writeWithoutReturn)
    if (call && !isCancelled) this.#writeWaiting(hook, { ...call, decision }, undefined)
  }

  /**
   * Writes the calls whose event waits for nothing but a decision, and did so already when this was
   * called before. Else a process could hold its event back by a call that takes as long as it
   * likes.
   */
  writeOverdue(): void {
    if (this.#pending.size === 0) return
    // The kernel side forgets them itself when they return; what it says then finds nothing here.
    this.#pending.takeOverdue(this.#isUndecided).forEach(this.#writeWithoutReturn)
  }

  /** Nothing follows: writes all calls whose event waits for nothing but a decision. */
  finish(): void {
    this.#pending.takeHooks(this.#isUndecided).forEach(this.#writeWithoutReturn)
  }

  readonly #isUndecided = (id: number): boolean =>
    this.#hooks.get(id)?.description.returns === false

  /** A process ends: calls that it is in do not return. */
  processEnded(pid: number): void {
    if (this.#pending.size === 0) return
    for (const call of this.#pending.takeProcess(pid)) this.#abandon(call)
  }

  /** A process executes a program: its other threads are gone, with the calls they were in. */
  processExecuted(pid: number): void {
    if (this.#pending.size === 0) return
    for (const call of this.#pending.takeProcess(pid, pid)) this.#abandon(call)
  }

  /** Calls that do not return, which the kernel side still waits for: told once. */
  takeAbandoned(): readonly CallOf[] {
    return this.#abandoned.splice(0)
  }

  #abandon(call: PendingCall): void {
    this.#abandoned.push({ hook: call.hook, call: { tid: call.tid, time: enteredAt(call) } })
    this.#writeWithoutReturn(call)
  }

  /** What posted events ask of user space: told once. */
  takeRequests(): readonly UserRequest[] {
    return this.#requests.splice(0)
  }

  /** Writes a call without its return, unless that would have to match. */
  readonly #writeWithoutReturn = (call: PendingCall): void => {
    const hook = this.#hooks.get(call.hook)
    if (!hook) return
    if (this.#isUndecided(call.hook)) this.undecided++
    this.#writeWaiting(hook, call, undefined)
  }

  #writeWaiting(
    hook: KnownHook,
    { bytes, pieces, entered, decision }: PendingCall,
    leave: Readable | undefined,
  ): void {
    this.#pending.memory.bytes.set(bytes)
    const { header } = hook.waiting
    header.at(0)
    hook.waiting.pieces = pieces
    if (decision) {
      this.#pending.decisionMemory.bytes.set(decision.bytes)
      hook.decision.header.at(0)
      hook.decision.pieces = decision.pieces
    }
    const decided = decision && hook.decision
    const { selector } = decided?.header ?? header
    if (!leave && hook.description.returnMatters[selector]) return
    this.#found.restore(entered)
    this.#write(hook, hook.waiting, leave, decided)
  }

  /** Writes the event of the process that `#found` holds. */
  #write(hook: KnownHook, enter: Readable, leave?: Readable, decided?: Readable): void {
    if (this.#overlaps.size > 0 && this.#isTwice(hook, enter, leave, decided)) return
    const { out, clock, counts, stage } = this.#context
    const { texts } = hook
    const { header } = enter
    const { selector, flags } = decided?.header ?? header
    const start = out.length
    out.latin1(hook.start)
    const process = this.#writeProcess(enter, hook.showsAncestors)
    const content = out.length
    out.latin1(texts.head[header.functionIndex])
    writeValues(out, 'args', enter, leave, decided)
    const hasResult = writeResult(out, enter, leave)
    this.written++
    if (process === undefined) this.unknownProcesses++
    const syscall = enter.syscall?.valueLow
    counts?.countHook(hook.type, header.hook, header.functionIndex, process, syscall)
    this.#askFor(hook.description.requests[selector])
    if (hasResult) this.#askFor(hook.description.returnRequests[selector])
    const isIdle = (flags & hookFlags.idle) !== 0
    const ending = texts.endings[endingKind(isIdle, hasResult)][selector]
    if (enter.stacks.length === 0) out.latin1(ending.whole)
    else this.#writeStacks(enter, ending)
    const ancestors = out.length
    if (this.#ancestors.length > 0) writeAncestors(out, this.#ancestors, clock)
    const afterAncestors = out.length
    writeValues(out, 'data', enter, leave)
    if (enter.imaHash) writeImaHash(out, enter.imaHash, enter.memory.bytes)
    out.byte(0x7d)
    writeEnvelope(this.#context, header.timeHigh, header.timeLow)
    const { event, policyName } = hook.description
    stage?.event(start, event, policyName, process, this.#found.parent, {
      from: content,
      ancestors,
      afterAncestors,
    })
  }

  #askFor(requests: readonly UserRequest[] | undefined): void {
    if (!requests || requests.length === 0) return
    if (this.#requests.length + requests.length <= requestsMax) this.#requests.push(...requests)
    else this.requestsDropped += requests.length
  }

  /** @returns the process, if it is known */
  #writeProcess({ header, owner }: Readable, showsAncestors: boolean): Process | undefined {
    const { out, clock } = this.#context
    const { process, parent } = this.#found
    const { pid, tid } = owner && owner.pid !== 0 ? owner : header
    this.#ancestors = none
    if (!process) {
      writeUnknownProcess(this.#context, pid, header.timeHigh, header.timeLow)
      return undefined
    }
    writeProcess(out, process, clock, true, tid)
    if (parent) {
      out.latin1(',"parent":')
      writeProcess(out, parent, clock, true)
      if (showsAncestors) this.#ancestors = this.#found.ancestors
    }
    return process
  }
}

const none: readonly Process[] = []

/** @returns whether there is one */
function writeResult(out: ByteWriter, enter: Readable, leave: Readable | undefined): boolean {
  const result = leave?.result ?? enter.result
  if (!result) return false
  out.latin1(',"return":')
  writeValue(out, leave ?? enter, result)
  return true
}

/** Nanoseconds since boot. */
function enteredAt({ timeHigh, timeLow }: PendingCall): bigint {
  return (BigInt(timeHigh >>> 0) << 32n) | BigInt(timeLow >>> 0)
}
