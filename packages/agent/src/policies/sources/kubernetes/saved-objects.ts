import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fields, list, texts } from '@tetragon-ts/kubernetes'
import { type Labels, lengthProblem, policyKinds } from '@tetragon-ts/policy'
import { readOwnFile } from '../../../files/own-file.ts'
import { checkOwnFolder } from '../../../files/own-folder.ts'
import type { SourceLog } from '../policy-source.ts'
import { contentText, type PolicyObject, policyObject } from './policy-object.ts'

/** Maximum number of characters of all objects: writing them blocks the main thread. */
const longest = 1 << 24
/** Maximum number of names in a message. */
const shownMax = 5

/** What the API server said last. */
export interface SavedState {
  /** Undefined: the node was not known. */
  readonly labels: Labels | undefined
  readonly objects: readonly PolicyObject[]
}

/**
 * The state of the API server in a file of the agent. An agent that starts while the API server is
 * away continues with it, so that its policies stay in force.
 */
export class SavedObjects {
  readonly #path: string
  readonly #state: () => SavedState
  readonly #log: SourceLog
  readonly #delayMs: number
  readonly #longest: number
  #timer: NodeJS.Timeout | undefined
  /** Names of the objects that were last reported as missing in the file. */
  #reported = ''

  /**
   * @param state the state to save
   * @param delayMs between a change and its write: a list of many objects is one write
   */
  constructor(
    path: string,
    state: () => SavedState,
    log: SourceLog,
    delayMs: number,
    max = longest,
  ) {
    this.#path = path
    this.#state = state
    this.#log = log
    this.#delayMs = delayMs
    this.#longest = max
  }

  /** The saved state; undefined if there is none. */
  read(): SavedState | undefined {
    return this.#attempt('read', () => {
      if (!existsSync(this.#path)) return undefined
      const { labels, objects } = fields(JSON.parse(readOwnFile(this.#path)))
      return {
        labels: labels === undefined ? undefined : texts(labels),
        objects: list(objects).flatMap((content) => {
          const kind = policyKinds.find((each) => each.kind === fields(content).kind)
          return (kind && policyObject(kind, fields(content))) ?? []
        }),
      }
    })
  }

  /** The state has changed: it is written soon. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.#write(), this.#delayMs).unref()
  }

  /** Writes a change that was not written yet. */
  close(): void {
    if (this.#timer !== undefined) this.#write()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#attempt('save', () => {
      const { labels, objects } = this.#state()
      const { saved, omitted } = fitting(objects, this.#longest)
      const head = labels === undefined ? '' : `"labels":${JSON.stringify(labels)},`
      const text = `{${head}"objects":[${saved.join(',')}]}`
      const temporary = `${this.#path}.new`
      checkOwnFolder(dirname(this.#path))
      rmSync(temporary, { force: true })
      writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
      renameSync(temporary, this.#path)
      this.#report(omitted)
    })
  }

  /** Logs what is missing in the file, if that has changed. */
  #report(omitted: readonly string[]): void {
    const [shown, others] = [omitted.slice(0, shownMax).join(', '), omitted.length - shownMax]
    const names = others > 0 ? `${shown} and ${others} more` : shown
    if (names !== '' && names !== this.#reported) {
      const limit = `the file has room for ${this.#longest} characters of JSON`
      const effect = 'a restart of the agent without the API server would not load'
      this.#log.warning(`save policies of the Kubernetes API: ${limit}; ${effect} ${names}`)
    }
    this.#reported = names
  }

  /** Policies work without the file. */
  #attempt<T>(action: string, act: () => T): T | undefined {
    try {
      return act()
    } catch (error) {
      const { message } = error as Error
      this.#log.warning(`${action} policies of the Kubernetes API (${this.#path}): ${message}`)
      return undefined
    }
  }
}

/**
 * The JSON of the objects that fit. Those of the whole cluster are first: users of a namespace must
 * not displace them.
 */
function fitting(objects: readonly PolicyObject[], max: number) {
  const saved: string[] = []
  const omitted: string[] = []
  const isOfCluster = ({ id }: PolicyObject): boolean => id.namespace === ''
  const ofNamespaces = objects.filter((object) => !isOfCluster(object))
  let rest = max
  for (const object of [...objects.filter(isOfCluster), ...ofNamespaces]) {
    const text = contentText(object)
    // Such an object is refused when it is read.
    if (text === undefined || lengthProblem(text) !== undefined) continue
    if (text.length > rest) {
      omitted.push(object.title)
    } else {
      rest -= text.length
      saved.push(text)
    }
  }
  return { saved, omitted }
}
