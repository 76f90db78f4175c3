import type { Process as ApiProcess, EventKey, GetEventsResponse } from '@tetragon-ts/api'
import type { FilterSubject } from '@tetragon-ts/policy/filters'
import { ancestorsOf } from '../../processes/ancestors.ts'
import type { Process } from '../../processes/process.ts'
import type { EventBuffer } from '../json/event-lines.ts'
import { processMessage } from '../json/process-message.ts'

/** The last written event, as filters see it. One object is reused for all events. */
export class EventSubject implements FilterSubject {
  readonly #out: EventBuffer
  key: EventKey = 'process_exec'
  policyName: string | undefined
  #from = 0
  #process: Process | undefined
  #parent: Process | undefined
  #facts: ApiProcess | undefined
  #parentFacts: ApiProcess | undefined
  #response: GetEventsResponse | undefined

  constructor(out: EventBuffer) {
    this.#out = out
  }

  /** Switches to the event from `from` to the end of the buffer. */
  at(
    from: number,
    key: EventKey,
    policyName: string | undefined,
    process: Process | undefined,
    parent: Process | undefined,
  ): void {
    this.key = key
    this.policyName = policyName
    this.#from = from
    this.#process = process
    this.#parent = parent
    this.#facts = undefined
    this.#parentFacts = undefined
    this.#response = undefined
  }

  /** The fields of an unknown process are only in the event itself. */
  get process(): ApiProcess | undefined {
    if (this.#process === undefined) return this.#body.process
    this.#facts ??= viewOf(this.#process)
    return this.#facts
  }

  get parent(): ApiProcess | undefined {
    if (this.#parent === undefined) return undefined
    this.#parentFacts ??= viewOf(this.#parent)
    return this.#parentFacts
  }

  get ancestors(): readonly ApiProcess[] {
    return ancestorsOf(this.#parent).map(viewOf)
  }

  get findings(): GetEventsResponse['findings'] {
    return this.#out.findingsAt > this.#from ? this.response.findings : undefined
  }

  get response(): GetEventsResponse {
    this.#response ??= JSON.parse(
      this.#out.bytes.toString('utf8', this.#from, this.#out.length),
    ) as GetEventsResponse
    return this.#response
  }

  get #body(): { readonly process?: ApiProcess } {
    return (this.response as Readonly<Record<string, object | undefined>>)[this.key] ?? {}
  }
}

/** The JSON of a process has been created for the event. */
function viewOf(process: Process): ApiProcess {
  const { head = '{', end = '}' } = process.json ?? {}
  return processMessage(process, () => head + end)
}
