import { Process as message, type Process as ProcessMessage } from '@tetragon-ts/api'
import type { Process } from '../../processes/process.ts'
import { imageText } from '../json/image-text.ts'

/**
 * A cached process as rules see it: a message whose fields are decoded when a rule reads them. Most
 * rules read the texts of the image only, and those need no JSON.
 */
class CachedProcess {
  readonly #process: Process
  readonly #json: () => string
  #whole: ProcessMessage | undefined

  constructor(process: Process, json: () => string) {
    this.#process = process
    this.#json = json
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
    return imageText(this.#process.image, 'binary')
  }
  get arguments(): string {
    return imageText(this.#process.image, 'arguments')
  }

  /** All fields. */
  get whole(): ProcessMessage {
    this.#whole ??= JSON.parse(this.#json()) as ProcessMessage
    return this.#whole
  }
}

for (const name of Object.keys(message.fields) as (keyof ProcessMessage)[]) {
  if (Object.hasOwn(CachedProcess.prototype, name)) continue
  Object.defineProperty(CachedProcess.prototype, name, {
    get(this: CachedProcess) {
      return this.whole[name]
    },
  })
}

/** @param json the process as event JSON */
export function ruleProcess(process: Process, json: () => string): ProcessMessage {
  return new CachedProcess(process, json) as unknown as ProcessMessage
}
