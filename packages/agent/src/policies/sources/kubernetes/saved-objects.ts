import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fields, list, texts } from '@tetragon-ts/kubernetes'
import { type Labels, policyKinds } from '@tetragon-ts/policy'
import { readOwnFile } from '../../../files/own-file.ts'
import { checkOwnFolder } from '../../../files/own-folder.ts'
import type { SourceLog } from '../policy-source.ts'
import { type PolicyObject, policyObject } from './policy-object.ts'

/** Maximum size of the file in characters: writing it blocks the main thread. */
const longest = 1 << 24

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
  #timer: NodeJS.Timeout | undefined

  /**
   * @param state the state to save
   * @param delayMs between a change and its write: a list of many objects is one write
   */
  constructor(path: string, state: () => SavedState, log: SourceLog, delayMs: number) {
    this.#path = path
    this.#state = state
    this.#log = log
    this.#delayMs = delayMs
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
      const text = JSON.stringify({ labels, objects: objects.map(({ content }) => content) })
      if (text.length > longest) {
        rmSync(this.#path, { force: true })
        throw new Error(`they have ${text.length} characters; the maximum is ${longest}`)
      }
      const temporary = `${this.#path}.new`
      checkOwnFolder(dirname(this.#path))
      rmSync(temporary, { force: true })
      writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
      chmodSync(temporary, 0o600)
      renameSync(temporary, this.#path)
    })
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
