import { type EventKey, fieldChoices, prepareFilters } from '@tetragon-ts/api'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Process } from '../../processes/process.ts'
import type { EventBuffer } from '../json/event-buffer.ts'
import { lossLine } from '../json/loss-line.ts'
import { Aggregation } from './aggregation.ts'
import { ChosenFields, type PreparedChoice, prepareChoice } from './chosen-fields.ts'
import { EventSubject } from './event-subject.ts'
import { ExportFilter } from './export-filter.ts'
import type { ExportOptions } from './output-options.ts'
import { RateLimiter } from './rate-limiter.ts'

/** Lines that are to be written. */
export interface ExportedLines {
  readonly bytes: Buffer
  readonly length: number
  readonly lines: number
}

/** Where in the buffer an event says something besides its process. */
export interface Content {
  readonly from: number
  /** The ancestors of the process are in between. */
  readonly ancestors: number
  readonly afterAncestors: number
}

/** Loads what the options need. To be awaited before a stage is made of them. */
export async function prepareExport({ allow, deny }: ExportOptions): Promise<void> {
  await prepareFilters([...allow, ...deny])
}

/**
 * Between the events that are written into the buffer and the export. While nobody else wants
 * events, what is left out is taken out of the buffer again, and the buffer is the export.
 */
export class ExportStage {
  readonly #out: EventBuffer
  readonly #nodeField: string
  readonly #streams: { readonly isOpen: boolean }
  readonly #subject: EventSubject
  readonly #filter: ExportFilter | undefined
  readonly #limiter: RateLimiter | undefined
  readonly #aggregation: Aggregation | undefined
  /** What is exported where that is not what stands in the buffer. */
  readonly #copy = new ByteWriter()
  /** By kind of event, where fields are chosen. */
  readonly #choices: ReadonlyMap<EventKey, PreparedChoice> | undefined
  readonly #chosen = new ChosenFields(this.#copy)
  #lines = 0

  /**
   * @param nodeField `"node_name":"…"` in latin1
   * @param streams whether events are wanted by others too
   * @param imagesRecur see ExportFilter
   * @throws FilterError, RegExpError, LabelSelectorError, FieldPathError
   */
  constructor(
    options: ExportOptions,
    out: EventBuffer,
    nodeField: string,
    streams: { readonly isOpen: boolean },
    imagesRecur: boolean,
  ) {
    const { allow, deny, fieldFilters, rateLimit, aggregation } = options
    this.#out = out
    this.#nodeField = nodeField
    this.#streams = streams
    this.#subject = new EventSubject(out)
    if (allow.length + deny.length > 0) {
      this.#filter = new ExportFilter(allow, deny, imagesRecur)
    }
    if (rateLimit !== undefined) this.#limiter = new RateLimiter(rateLimit, performance.now())
    if (aggregation !== undefined) this.#aggregation = new Aggregation(aggregation)
    if (fieldFilters.length > 0) {
      const choices = [...fieldChoices(fieldFilters)]
      this.#choices = new Map(choices.map(([key, choice]) => [key, prepareChoice(choice)]))
    }
  }

  /** Events that there were too many of. */
  get rateLimited(): number {
    return this.#limiter?.dropped ?? 0
  }

  /**
   * An event was written from `from` to the end of the buffer.
   * @param content what it says besides its process, if a policy posted it
   */
  event(
    from: number,
    key: EventKey,
    policyName: string | undefined,
    process: Process | undefined,
    parent: Process | undefined,
    content?: Content,
  ): void {
    const isExported =
      this.#passes(from, key, policyName, process, parent) &&
      !this.#isHeldBack(from, key, policyName, process, content) &&
      this.#isAllowed()
    if (isExported) {
      this.#lines++
      if (!this.#isCopied) return
      this.#copyLine(this.#out.bytes, from, this.#out.length, key)
    }
    if (!this.#streams.isOpen) this.#out.length = from
  }

  #passes(
    from: number,
    key: EventKey,
    policyName: string | undefined,
    process: Process | undefined,
    parent: Process | undefined,
  ): boolean {
    if (this.#filter === undefined) return true
    this.#subject.at(from, key, policyName, process, parent)
    return this.#filter.passes(this.#subject, process, parent)
  }

  /** Whether it waits for others that say the same. */
  #isHeldBack(
    from: number,
    key: EventKey,
    policyName: string | undefined,
    process: Process | undefined,
    content: Content | undefined,
  ): boolean {
    if (this.#aggregation === undefined || process === undefined) return false
    const { execId } = process
    if (key === 'process_exit') this.#aggregation.sendOf(execId, this.#sendHeld)
    if (policyName === undefined || content === undefined) return false
    const { from: start, ancestors, afterAncestors } = content
    const rest = this.#out.latin1Since(start)
    const end = rest.lastIndexOf(this.#nodeField)
    const says = `${key} ${rest.slice(0, ancestors - start)}${rest.slice(afterAncestors - start, end)}`
    const line = () => this.#out.latin1Since(from)
    this.#aggregation.add(execId, says, line, performance.now(), this.#sendHeld)
    return true
  }

  /** @param line in latin1 */
  readonly #sendHeld = (line: string): void => {
    if (!this.#isAllowed()) return
    this.#lines++
    const bytes = Buffer.from(line, 'latin1')
    const key = line.slice(2, line.indexOf('"', 2)) as EventKey
    this.#copyLine(bytes, 0, bytes.length, key)
  }

  #isAllowed(): boolean {
    return this.#limiter?.allow(performance.now()) ?? true
  }

  get #isCopied(): boolean {
    return this.#choices !== undefined || this.#aggregation !== undefined || this.#streams.isOpen
  }

  #copyLine(bytes: Buffer, from: number, end: number, key: EventKey): void {
    const choice = this.#choices?.get(key)
    // The event itself begins behind its key.
    const object = from + `{"${key}":`.length
    if (choice) this.#chosen.copy(bytes, from, object, end, choice)
    else this.#copy.copy(bytes, from, end)
  }

  /** What is to be written of the buffer's events; it stays until the next call of `event`. */
  take(): ExportedLines {
    const now = performance.now()
    this.#aggregation?.sendDue(now, this.#sendHeld)
    const dropped = this.#limiter?.due(now) ?? 0
    if (dropped > 0) this.#reportDropped(dropped)
    const { bytes, length } = this.#isCopied ? this.#copy : this.#out
    const lines = this.#lines
    this.#lines = 0
    this.#copy.clear()
    return { bytes, length, lines }
  }

  /** Bytes that `take` has at least, besides the buffer. */
  get copied(): number {
    return this.#copy.length
  }

  /** Milliseconds until `take` has something, whatever happens. */
  get rest(): number {
    return this.#aggregation?.nextDue(performance.now()) ?? Number.POSITIVE_INFINITY
  }

  /** Hands over what is held back, and reports what was left out since the last report. */
  finish(): void {
    this.#aggregation?.sendDue(Number.POSITIVE_INFINITY, this.#sendHeld)
    const dropped = this.#limiter?.takeUnreported() ?? 0
    if (dropped > 0) this.#reportDropped(dropped)
  }

  #reportDropped(count: number): void {
    const to = this.#isCopied ? this.#copy : this.#out
    to.latin1(lossLine(count, this.#nodeField))
    this.#lines++
  }
}
