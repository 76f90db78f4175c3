import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readOwnFile } from './own-file.ts'
import { checkOwnFolder } from './own-folder.ts'

/** Maximum length of a text in characters: writing it blocks the main thread. */
export const savedMax = 1 << 24

/** What a file keeps for the next start of the agent. */
export interface SavedContent<State> {
  /** The state now, as JSON of at most {@link savedMax} characters. */
  encode(): string
  /** The state from JSON; undefined if it is of no use. */
  decode(json: unknown): State | undefined
  /**
   * The agent works without the file. Called once until it succeeds.
   * @param action `read` or `save`
   */
  failed(action: string, error: Error): void
}

/** State that survives a restart of the agent. It is written a while after a change. */
export class SavedFile<State> {
  readonly #path: string
  readonly #content: SavedContent<State>
  readonly #delayMs: number
  #timer: NodeJS.Timeout | undefined
  /** The action that failed last, until one succeeds: a full disk fails every write. */
  #failing: string | undefined

  /** @param delayMs between a change and its write: many changes at once are one write */
  constructor(path: string, content: SavedContent<State>, delayMs: number) {
    this.#path = path
    this.#content = content
    this.#delayMs = delayMs
  }

  /** The saved state; undefined if there is none. */
  read(): State | undefined {
    return this.#attempt('read', () => {
      if (!existsSync(this.#path)) return undefined
      return this.#content.decode(JSON.parse(readOwnFile(this.#path)))
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
      const text = this.#content.encode()
      const temporary = `${this.#path}.new`
      checkOwnFolder(dirname(this.#path))
      rmSync(temporary, { force: true })
      writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
      renameSync(temporary, this.#path)
    })
  }

  #attempt<T>(action: string, act: () => T): T | undefined {
    try {
      const result = act()
      this.#failing = undefined
      return result
    } catch (error) {
      if (this.#failing !== action) this.#content.failed(action, error as Error)
      this.#failing = action
      return undefined
    }
  }
}
