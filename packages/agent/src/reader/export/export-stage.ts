import type { EventKey, Finding } from '@tetragon-ts/api'
import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'
import { fieldChoices, prepareFilters } from '@tetragon-ts/policy/filters'
import type { Process } from '../../processes/process.ts'
import { findingsMember } from '../findings/finding-json.ts'
import { type EventBuffer, LineBuffer } from '../json/event-lines.ts'
import { lossLine } from '../json/loss-line.ts'
import type { NodeFields } from '../json/node-fields.ts'
import { withCount, withoutCount } from './aggregated-line.ts'
import { Aggregation } from './aggregation.ts'
import { ChosenFields, type PreparedChoice, prepareChoice } from './chosen-fields.ts'
import { EventSubject } from './event-subject.ts'
import { ExportFilter } from './export-filter.ts'
import type { ExportOptions } from './output-options.ts'
import { RateLimiter } from './rate-limiter.ts'

/** Offsets in the buffer of an event's content, without its process. */
export interface Content {
  readonly from: number
  /** Range of the ancestors, which are inside the content. */
  readonly ancestors: number
  readonly afterAncestors: number
  /** Number of hits that the event stands for. */
  readonly count: number
}

/** Loads the code that the options need. Await it before creating a stage. */
export async function prepareExport({ allow, deny }: ExportOptions): Promise<void> {
  await prepareFilters([...allow, ...deny])
}

/**
 * Stage between the event buffer and the export. Filters, rate limit and field filters are those of
 * the export: clients of the server choose their own events. So an event is first written and then
 * filtered. Filters test the cached process; only capabilities, CEL expressions and events of
 * unknown processes need JSON. Without clients, omitted events are removed from the buffer, and the
 * buffer is exported as it is; field filters and aggregation need a second buffer. Without these
 * options there is no stage.
 */
export class ExportStage {
  readonly #out: EventBuffer
  readonly #node: NodeFields
  readonly #streams: { readonly isOpen: boolean }
  readonly #hasExtensions: boolean
  readonly #subject: EventSubject
  readonly #filter: ExportFilter | undefined
  readonly #limiter: RateLimiter | undefined
  /** Holds lines in latin1. */
  readonly #aggregation: Aggregation<string> | undefined
  /** Exported bytes, if they differ from the buffer. */
  readonly #copy = new LineBuffer()
  /** Field selections by kind of event. */
  readonly #choices: ReadonlyMap<EventKey, PreparedChoice> | undefined
  readonly #chosen = new ChosenFields(this.#copy)

  /**
   * @param streams whether there are other consumers of events
   * @param imagesRecur see ExportFilter
   * @throws FilterError, RegExpError, LabelSelectorError, FieldPathError
   */
  constructor(
    options: ExportOptions,
    out: EventBuffer,
    node: NodeFields,
    streams: { readonly isOpen: boolean },
    imagesRecur: boolean,
  ) {
    const { allow, deny, fieldFilters, hasExtensions, rateLimit, aggregation } = options
    this.#out = out
    this.#node = node
    this.#streams = streams
    this.#subject = new EventSubject(out)
    this.#hasExtensions = hasExtensions
    if (allow.length + deny.length > 0) {
      this.#filter = new ExportFilter(allow, deny, imagesRecur)
    }
    if (rateLimit !== undefined) this.#limiter = new RateLimiter(rateLimit, performance.now())
    if (aggregation !== undefined) {
      this.#aggregation = new Aggregation(aggregation, this.#sendGroup)
    }
    if (fieldFilters.length > 0 || !hasExtensions) {
      const choices = [...fieldChoices(fieldFilters, hasExtensions)]
      this.#choices = new Map(choices.map(([key, choice]) => [key, prepareChoice(choice)]))
    }
  }

  /** Events dropped by the rate limit. */
  get rateLimited(): number {
    return this.#limiter?.dropped ?? 0
  }

  /**
   * Handles the event from `from` to the end of the buffer.
   * @param content its content without the process, if it is a policy event
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
      this.#isAllowed(this.#out.lastClass)
    if (isExported) {
      if (!this.#isCopied) return
      const { bytes, length, lastClass, findingsAt } = this.#out
      this.#copyLine(bytes, from, length, key, lastClass, findingsAt > from ? findingsAt : 0)
    }
    if (!this.#streams.isOpen) this.#out.dropLine(from)
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

  /** Whether it was added to a group of equal events. */
  #isHeldBack(
    from: number,
    key: EventKey,
    policyName: string | undefined,
    process: Process | undefined,
    content: Content | undefined,
  ): boolean {
    if (this.#aggregation === undefined || process === undefined) return false
    if (this.#out.findingsAt > from) return false
    const { execId } = process
    if (key === 'process_exit') this.#aggregation.sendOf(execId)
    if (policyName === undefined || content === undefined) return false
    const { from: start, ancestors, afterAncestors, count } = content
    const rest = this.#out.latin1Since(start)
    const end = rest.lastIndexOf(this.#node.text)
    const says = `${rest.slice(0, ancestors - start)}${rest.slice(afterAncestors - start, end)}`
    const joinable = {
      statement: `${execId} ${key} ${says}`,
      encode: () => withoutCount(this.#out.latin1Since(from), count),
      count,
      of: this.#out.lastClass,
    }
    this.#aggregation.add(execId, joinable, performance.now())
    return true
  }

  readonly #sendGroup = (line: string, count: number, of: EventClass): void => {
    if (!this.#isAllowed(of)) return
    const bytes = Buffer.from(withCount(line, count), 'latin1')
    const key = line.slice(2, line.indexOf('"', 2)) as EventKey
    this.#copyLine(bytes, 0, bytes.length, key, of)
  }

  #isAllowed(of: EventClass): boolean {
    return this.#limiter?.allow(performance.now(), of) ?? true
  }

  get #isCopied(): boolean {
    return this.#choices !== undefined || this.#aggregation !== undefined || this.#streams.isOpen
  }

  /** @param findings where the findings of the line begin; 0: it has none */
  #copyLine(
    bytes: Buffer,
    from: number,
    lineEnd: number,
    key: EventKey,
    of: EventClass,
    findings = 0,
  ): void {
    const choice = this.#choices?.get(key)
    // The event itself begins after its key.
    const object = from + `{"${key}":`.length
    const isCut = findings > 0 && (!this.#hasExtensions || choice !== undefined)
    const end = isCut ? findings : lineEnd
    if (choice) this.#chosen.copy(bytes, from, object, end, choice)
    else this.#copy.copy(bytes, from, end)
    if (isCut) {
      if (this.#hasExtensions) this.#copy.latin1(withoutFields(bytes, findings, lineEnd))
      this.#copy.latin1('}\n')
    }
    this.#copy.endLine(of)
  }

  /** The buffer with the lines to write since the last call; to be cleared by the caller. */
  take(): LineBuffer {
    const now = performance.now()
    this.#aggregation?.sendDue(now)
    const dropped = this.#limiter?.due(now) ?? 0
    if (dropped > 0) this.#reportDropped(dropped)
    return this.#isCopied ? this.#copy : this.#out
  }

  /** Lower bound of the bytes of `take`, without the buffer. */
  get copied(): number {
    return this.#copy.length
  }

  /** Milliseconds until `take` has something, even without new events. */
  get rest(): number {
    return this.#aggregation?.nextDue(performance.now()) ?? Number.POSITIVE_INFINITY
  }

  /** Emits held events, and reports the events dropped since the last report. */
  finish(): void {
    this.#aggregation?.sendDue(Number.POSITIVE_INFINITY)
    const dropped = this.#limiter?.takeUnreported() ?? 0
    if (dropped > 0) this.#reportDropped(dropped)
  }

  #reportDropped(count: number): void {
    const to = this.#isCopied ? this.#copy : this.#out
    to.latin1(lossLine(count, this.#node.text))
    to.endLine(eventClass.process)
  }
}

/** The fields of findings have values of the event, also those that a field filter leaves out. */
function withoutFields(bytes: Buffer, from: number, lineEnd: number): string {
  const { findings } = JSON.parse(`{${bytes.toString('utf8', from + 1, lineEnd)}`) as {
    readonly findings: readonly Finding[]
  }
  return findingsMember(findings.map(({ fields: _, ...others }) => others))
}
