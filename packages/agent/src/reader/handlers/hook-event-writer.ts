import type { HookDescription, UserRequest } from '@tetragon-ts/compiler/hooks'
import { enforcementOutcomes, hookFlags, noProcess } from '@tetragon-ts/compiler/hooks'
import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Process } from '../../processes/process.ts'
import type { EventContext } from '../event-context.ts'
import { EventTime } from '../findings/event-time.ts'
import { writeAncestors } from '../json/ancestors-json.ts'
import { writeEnvelope, writeUnknownProcess } from '../json/event-lines.ts'
import { hasResultField, type Readable } from '../json/hook-reader.ts'
import { endingKind, type HookEnding } from '../json/hook-texts.ts'
import { writeValue, writeValues } from '../json/hook-values-json.ts'
import { writeImaHash } from '../json/ima-hash-json.ts'
import { writeProcess } from '../json/process-json.ts'
import { StackJson } from '../json/stack-json.ts'
import type { HookProcess } from './hook-process.ts'
import type { Lookup, Lookups } from './lookups.ts'
import { Overlaps } from './overlap.ts'
import type { PreparedHook } from './prepared-hook.ts'

/** In sockets. */
const cookies = /"cookie":"?\d+"?/g

/** Maximum number of requests to user space that wait for the next round. */
const requestsMax = 4096

/** Writes hook events of the process that was found before. */
export class HookEventWriter {
  readonly #context: EventContext
  readonly #found: HookProcess
  readonly #lookups: Lookups
  readonly #stacks: StackJson
  readonly #requests: UserRequest[] = []
  /** Policies that replace others: if both post an event for a hit, one is written. */
  readonly overlaps = new Overlaps()
  /** Ancestors to include in the event that is written. */
  #ancestors: readonly Process[] = none
  /** Events written. */
  written = 0
  /** Requests to user space that exceeded the maximum. */
  requestsDropped = 0
  /** Events with an unknown process or image. */
  unknownProcesses = 0

  /**
   * @param found the process of the event
   * @param lookups keeps the names that processes look up
   */
  constructor(context: EventContext, found: HookProcess, lookups: Lookups) {
    this.#context = context
    this.#found = found
    this.#lookups = lookups
    this.#stacks = new StackJson(context.procfs, context.content.stackAddresses)
  }

  /** Frames without symbol because it was not found in time. */
  get unnamedFrames(): number {
    return this.#stacks.unnamed
  }

  /** Prepares the content of a hook's events. */
  prepare({ description }: PreparedHook): void {
    this.#stacks.prepare(description.extras.stacks)
  }

  /** Requests of posted events to user space; each is returned once. */
  takeRequests(): readonly UserRequest[] {
    return this.#requests.splice(0)
  }

  /** Drops the overlaps of replaced policies that have ended. */
  forgetOverlaps(): void {
    if (!this.overlaps.isEmpty) this.overlaps.forgetOver(performance.now())
  }

  /**
   * Writes an event.
   * @param enter the record of the entry
   * @param leave the record of the return
   * @param decided values that were unreadable at the entry and read again
   * @param hits number of hits that the event stands for
   */
  write(hook: PreparedHook, enter: Readable, leave?: Readable, decided?: Readable, hits = 1): void {
    if (hook.lookup) this.#keepLookup(hook.lookup, enter, leave, decided)
    const count = this.overlaps.isEmpty ? hits : this.#unseen(hook, hits, enter, leave, decided)
    if (count === 0) return
    const {
      out,
      clock,
      content: { ancestorsMax },
      counts,
      stage,
    } = this.#context
    const { texts } = hook
    const { header } = enter
    const { selector, flags } = decided?.header ?? header
    const start = out.length
    out.append(texts.start)
    const process = this.#writeProcess(enter, hook.showsAncestors)
    const content = out.length
    out.append(texts.head[header.functionIndex])
    writeValues(out, 'args', enter, leave, decided)
    const hasResult = writeResult(out, hook, enter, leave)
    const acting = decided ?? enter
    // The record of a program that runs at the return only has both.
    const atReturn = leave ?? (hasResult ? enter : undefined)
    const kind = endingKind({
      isIdle: (flags & hookFlags.idle) !== 0,
      returned: hasResult,
      enforced: isEnforced(acting),
      returnEnforced: atReturn !== undefined && isEnforced(atReturn),
    })
    const ending = texts.endings[kind][selector]
    if (enter.stacks.length === 0) out.append(ending.whole)
    else this.#writeStacks(enter, ending)
    const ancestors = out.length
    if (this.#ancestors.length > 0) writeAncestors(out, this.#ancestors, clock, ancestorsMax)
    const afterAncestors = out.length
    writeValues(out, 'data', enter, leave)
    if (enter.imaHash) writeImaHash(out, enter.imaHash, enter.memory.bytes)
    hook.enforcement?.write(out, selector, acting, atReturn)
    out.byte(0x7d)
    const { event, policyName } = hook.description
    const { timeHigh, timeLow } = header
    const findings = this.#findings(hook, header, start)
    if (findings === '' && hook.description.onlyFindings && !isEnforcedAt(acting, atReturn)) {
      out.dropEvent(start)
      this.#context.findings?.noteUnmatched()
      return
    }
    this.written++
    if (process === undefined && header.pid !== noProcess) this.unknownProcesses++
    const syscall = enter.syscall?.valueLow
    counts?.countHook(hook.type, header.hook, header.functionIndex, process, syscall)
    this.#askFor(hook.description.requests[selector])
    if (hasResult) this.#askFor(hook.description.returnRequests[selector])
    writeEnvelope(this.#context, classOf(acting, atReturn), timeHigh, timeLow, count, findings)
    stage?.event(start, event, policyName, process, this.#found.parent, {
      from: content,
      ancestors,
      afterAncestors,
      count,
    })
  }

  /** What detection rules find in the event that begins at `start` and has no envelope yet. */
  #findings(
    { description }: PreparedHook,
    { functionIndex, timeHigh, timeLow }: Readable['header'],
    start: number,
  ): string {
    const { out, clock, findings } = this.#context
    if (!findings?.isOn) return ''
    const { process, parent, ancestors } = this.#found
    const json = (): string => `${out.bytes.toString('utf8', start, out.length)}}`
    const time = new EventTime(clock, timeHigh, timeLow)
    const acting = { process, parent, ancestors: () => ancestors }
    return findings.ofHook(description, functionIndex, json, acting, time)
  }

  /** Called before later events are written, which may have the addresses of the lookup. */
  #keepLookup(lookup: Lookup, enter: Readable, leave?: Readable, decided?: Readable): void {
    const others = [leave, decided].flatMap((each) => each ?? [])
    this.#lookups.keep(lookup, [enter, ...others])
  }

  /** How many of these hits no other policy has posted. */
  #unseen(
    prepared: PreparedHook,
    hits: number,
    enter: Readable,
    leave: Readable | undefined,
    decided: Readable | undefined,
  ): number {
    const { description } = prepared
    const { hook, pid, functionIndex, timeHigh, timeLow } = enter.header
    const time = timeHigh * 2 ** 32 + timeLow
    if (!this.overlaps.concern(hook, time)) return hits
    this.forgetOverlaps()
    // The end of the event buffer serves as scratch space.
    const { out } = this.#context
    const from = out.length
    const name = description.functions[functionIndex]
    // Equal refusals are counted whatever socket is used.
    const written = (): string => name + out.latin1Since(from).replaceAll(cookies, '')
    let call: string | undefined
    let isLate = false
    this.#lookups.without(() => {
      writeValues(out, 'args', enter, leave, decided)
      writeValues(out, 'data', enter, leave)
      if (description.returns) call = written()
      isLate = !writeResult(out, prepared, enter, leave) && description.returns
    })
    const content = written()
    out.length = from
    const final = isFinal(description, decided ?? enter)
    const found = { pid, content, call, isLate, hits, time, isFinal: final }
    return this.overlaps.unseen(hook, found)
  }

  #writeStacks({ stacks, memory, header }: Readable, { parts }: HookEnding): void {
    const { out } = this.#context
    for (const [i, wanted] of (['kernel', 'user'] as const).entries()) {
      out.append(parts[i])
      for (const { kind, tail } of stacks) {
        if (kind === wanted) this.#stacks.write(out, kind, tail, memory, header)
      }
    }
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
      writeUnknownProcess(
        this.#context,
        pid === noProcess ? 0 : pid,
        header.timeHigh,
        header.timeLow,
      )
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

/** Whether enforcing actions were executed. */
function isEnforced({ enforcement }: Readable): boolean {
  return enforcement?.outcome === enforcementOutcomes.executed
}

/** The class of an event with these records. */
function classOf(acting: Readable, atReturn: Readable | undefined): EventClass {
  return isEnforcedAt(acting, atReturn) ? eventClass.enforcement : eventClass.hook
}

/** The same for the entry or the return. */
function isEnforcedAt(acting: Readable, atReturn: Readable | undefined): boolean {
  return isEnforced(acting) || (atReturn !== undefined && isEnforced(atReturn))
}

/** Whether no other policy sees what this one has refused. */
function isFinal({ enforcements }: HookDescription, acting: Readable): boolean {
  return (
    isEnforced(acting) &&
    enforcements[acting.header.selector]?.some((each) => each.isFinal) === true
  )
}

/** @returns whether there is one */
function writeResult(
  out: ByteWriter,
  { description }: PreparedHook,
  enter: Readable,
  leave: Readable | undefined,
): boolean {
  const result = leave?.result ?? enter.result
  if (!result) return false
  if (!hasResultField(description)) return true
  out.latin1(',"return":')
  writeValue(out, leave ?? enter, result)
  return true
}
