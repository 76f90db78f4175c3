import {
  Process as declaration,
  type Process as ProcessMessage,
  processFlags,
} from '@tetragon-ts/api'
import type { Process } from '../../processes/process.ts'
import { isExecProbe } from './exec-probe.ts'
import { firstCharacters, imageText } from './image-text.ts'

/** The fields that need no JSON. Other fields are those of the parsed JSON. */
class CachedProcess {
  readonly #process: Process
  readonly #json: () => string
  readonly #argumentsMax: number
  #parsed: ProcessMessage | undefined
  #arguments: string | undefined

  constructor(process: Process, json: () => string, argumentsMax: number) {
    this.#process = process
    this.#json = json
    this.#argumentsMax = argumentsMax
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

  get auid(): number {
    return this.#process.auid
  }

  get cwd(): string {
    return imageText(this.#process.image, 'cwd')
  }

  get binary(): string {
    // A parent is looked up for each of its children.
    this.#process.binary ??= imageText(this.#process.image, 'binary')
    return this.#process.binary
  }

  get arguments(): string {
    this.#arguments ??= firstCharacters(
      imageText(this.#process.image, 'arguments'),
      this.#argumentsMax,
    )
    return this.#arguments
  }

  get docker(): string {
    return this.#process.workload.docker
  }

  get in_init_tree(): boolean {
    return (this.#process.flags & processFlags.inInitTree) !== 0
  }

  get pod(): ProcessMessage['pod'] {
    return podOf(this.#process)
  }

  get container(): ProcessMessage['container'] {
    const { workload, namespacePid } = this.#process
    return workload.container && { ...workload.container.message, pid: namespacePid }
  }

  get cap(): ProcessMessage['cap'] {
    return this.#process.details === '' ? undefined : this.whole.cap
  }

  /** All fields. */
  get whole(): ProcessMessage {
    const json = (): string => Buffer.from(this.#json(), 'latin1').toString('utf8')
    this.#parsed ??= JSON.parse(json()) as ProcessMessage
    return this.#parsed
  }
}

for (const name of Object.keys(declaration.fields) as (keyof ProcessMessage)[]) {
  if (Object.hasOwn(CachedProcess.prototype, name)) continue
  Object.defineProperty(CachedProcess.prototype, name, {
    get(this: CachedProcess) {
      return this.whole[name]
    },
  })
}

/**
 * A cached process as a message whose fields are decoded when they are read.
 * @param json its event JSON, as UTF-8 in a latin1 string; not all fields need it
 * @param argumentsMax how many characters of the arguments to show
 */
export function processMessage(
  process: Process,
  json: () => string,
  argumentsMax = Number.POSITIVE_INFINITY,
): ProcessMessage {
  return new CachedProcess(process, json, argumentsMax)
}

/** The pod with the fields that differ between its processes. */
function podOf({ workload, namespacePid, image }: Process): ProcessMessage['pod'] {
  if (workload.pod === undefined) return undefined
  const { message, probes } = workload.pod.text
  if (message.container === undefined) return message
  const maybe_exec_probe = isExecProbe(image, probes)
  const container = { ...message.container, pid: namespacePid, maybe_exec_probe }
  return { ...message, container }
}
