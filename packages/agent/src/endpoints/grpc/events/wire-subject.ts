import {
  type Event,
  type EventKey,
  type EventKind,
  eventKinds,
  GetEventsResponse,
  lazyMessageOf,
  Process,
  utf8,
} from '@tetragon-ts/api'
import type { FilterSubject } from '@tetragon-ts/policy/filters'
import { WireFields } from './wire-fields.ts'

/** Numbers of the fields that filters test; undefined: this kind of event does not have it. */
interface FieldNumbers {
  readonly process: number | undefined
  readonly parent: number | undefined
  readonly ancestors: number | undefined
  readonly policyName: number | undefined
}

const numbersOf = new Map<EventKey, FieldNumbers>(
  eventKinds.map(({ key, message: { fields } }) => [
    key,
    {
      process: fields.process?.number,
      parent: fields.parent?.number,
      ancestors: fields.ancestors?.number,
      policyName: fields.policy_name?.number,
    },
  ]),
)
const findingsField = GetEventsResponse.fields.findings.number

const lazyProcess = lazyMessageOf(Process)

/**
 * An event as filters see it, read from its message: only the fields that a filter tests are
 * decoded, and only expressions need the whole event.
 */
export class WireSubject implements FilterSubject {
  readonly key: EventKey
  readonly #numbers: FieldNumbers
  readonly #bytes: Buffer
  /** The message, and the event's fields in it. */
  readonly #from: number
  readonly #to: number
  readonly #bodyFrom: number
  readonly #bodyTo: number
  readonly #whole: () => Event
  #process: Process | undefined
  #parent: Process | undefined

  /**
   * @param bytes with a GetEventsResponse between `from` and `to`, whose first field is the event
   * @param whole decodes the event
   */
  constructor(kind: EventKind, bytes: Buffer, from: number, to: number, whole: () => Event) {
    const event = new WireFields(bytes, from, to)
    event.next()
    this.key = kind.key
    this.#numbers = numbersOf.get(kind.key)!
    this.#bytes = bytes
    this.#from = from
    this.#to = to
    this.#bodyFrom = event.from
    this.#bodyTo = event.to
    this.#whole = whole
  }

  get process(): Process | undefined {
    this.#process ??= this.#processAt(this.#numbers.process)
    return this.#process
  }

  get parent(): Process | undefined {
    this.#parent ??= this.#processAt(this.#numbers.parent)
    return this.#parent
  }

  get ancestors(): readonly Process[] | undefined {
    const { ancestors } = this.#numbers
    const fields = this.#body
    let found: Process[] | undefined
    while (ancestors !== undefined && fields.find(ancestors)) {
      found ??= []
      found.push(lazyProcess(this.#bytes.subarray(fields.from, fields.to)))
    }
    return found
  }

  get policyName(): string | undefined {
    const { policyName } = this.#numbers
    const fields = this.#body
    if (policyName === undefined || !fields.find(policyName)) return undefined
    return utf8(this.#bytes, fields.from, fields.to)
  }

  get findings(): FilterSubject['findings'] {
    const fields = new WireFields(this.#bytes, this.#from, this.#to)
    return fields.find(findingsField) ? this.response.findings : undefined
  }

  get response(): GetEventsResponse {
    return this.#whole().response
  }

  get #body(): WireFields {
    return new WireFields(this.#bytes, this.#bodyFrom, this.#bodyTo)
  }

  #processAt(number: number | undefined): Process | undefined {
    const fields = this.#body
    if (number === undefined || !fields.find(number)) return undefined
    return lazyProcess(this.#bytes.subarray(fields.from, fields.to))
  }
}
