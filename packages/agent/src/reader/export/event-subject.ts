import {
  type Process as ApiProcess,
  type EventKey,
  type GetEventsResponse,
  processFlags,
} from '@tetragon-ts/api'
import type { FilterSubject } from '@tetragon-ts/policy/filters'
import { ancestorsOf } from '../../processes/ancestors.ts'
import type { Process } from '../../processes/process.ts'
import type { EventBuffer } from '../json/event-json.ts'
import { isExecProbe } from '../json/exec-probe.ts'
import { imageText } from '../json/image-text.ts'

/**
 * A process as filters see it. Common fields are read directly; for others the JSON of the process
 * is parsed, which must have been created before.
 */
class ProcessFacts implements ApiProcess {
  readonly #process: Process
  #fields: ApiProcess | undefined
  #arguments: string | undefined

  constructor(process: Process) {
    this.#process = process
  }

  get exec_id(): string {
    return this.#process.execId
  }

  get parent_exec_id(): string {
    return this.#process.parentExecId
  }

  get pid(): number {
    return this.#process.pid
  }

  get uid(): number {
    return this.#process.euid
  }

  get binary(): string {
    // A parent is looked up for each of its children.
    this.#process.binary ??= imageText(this.#process.image, 'binary')
    return this.#process.binary
  }

  get arguments(): string {
    this.#arguments ??= imageText(this.#process.image, 'arguments')
    return this.#arguments
  }

  get docker(): string {
    return this.#process.workload.docker
  }

  get in_init_tree(): boolean {
    return (this.#process.flags & processFlags.inInitTree) !== 0
  }

  get pod(): ApiProcess['pod'] {
    return podOf(this.#process)
  }

  get container(): ApiProcess['container'] {
    const { workload, namespacePid } = this.#process
    return workload.container && { ...workload.container.message, pid: namespacePid }
  }

  get cap(): ApiProcess['cap'] {
    return this.#mentions('"cap":') ? this.#parsed.cap : undefined
  }

  #mentions(key: string): boolean {
    return this.#process.json?.head.includes(key) ?? false
  }

  get #parsed(): ApiProcess {
    const { head = '{', end = '}' } = this.#process.json ?? {}
    this.#fields ??= JSON.parse(Buffer.from(head + end, 'latin1').toString('utf8')) as ApiProcess
    return this.#fields
  }
}

/** The pod with the fields that differ between its processes. */
function podOf({ workload, namespacePid, image }: Process): ApiProcess['pod'] {
  if (workload.pod === undefined) return undefined
  const { message, probes } = workload.pod.text
  if (message.container === undefined) return message
  const maybe_exec_probe = isExecProbe(image, probes)
  const container = { ...message.container, pid: namespacePid, maybe_exec_probe }
  return { ...message, container }
}

/** The last written event, as filters see it. One object is reused for all events. */
export class EventSubject implements FilterSubject {
  readonly #out: EventBuffer
  key: EventKey = 'process_exec'
  policyName: string | undefined
  #from = 0
  #process: Process | undefined
  #parent: Process | undefined
  #facts: ProcessFacts | undefined
  #parentFacts: ProcessFacts | undefined
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
    this.#facts ??= new ProcessFacts(this.#process)
    return this.#facts
  }

  get parent(): ApiProcess | undefined {
    if (this.#parent === undefined) return undefined
    this.#parentFacts ??= new ProcessFacts(this.#parent)
    return this.#parentFacts
  }

  get ancestors(): readonly ApiProcess[] {
    return ancestorsOf(this.#parent).map((process) => new ProcessFacts(process))
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
