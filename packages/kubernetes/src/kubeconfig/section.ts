import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A mapping of a kubeconfig file. Errors contain the missing field. */
export class Section {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #name: string
  /** Folder of the file: paths in it are relative to that. */
  readonly folder: string

  constructor(value: unknown, name: string, folder: string) {
    if (typeof value !== 'object' || value === null) throw new Error(`${name} is not a mapping`)
    this.#values = value as Record<string, unknown>
    this.#name = name
    this.folder = folder
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key)
  }

  optional(key: string): string | undefined {
    const value = this.value(key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  text(key: string): string {
    const value = this.optional(key)
    if (value === undefined) throw new Error(`${this.#name} has no ${key}`)
    return value
  }

  isTrue(key: string): boolean {
    return this.value(key) === true
  }

  /** A member of any kind. */
  value(key: string): unknown {
    return this.has(key) ? this.#values[key] : undefined
  }

  /** The mappings of a list; none if there is no list. */
  list(key: string): Section[] {
    const entries = this.value(key)
    return Array.isArray(entries) ? entries.map((each) => new Section(each, key, this.folder)) : []
  }

  section(key: string, name = key): Section {
    return new Section(this.value(key), name, this.folder)
  }

  /** @throws Error if one of these members is there: ignoring it would change the meaning */
  refuse(...keys: readonly string[]): void {
    const found = keys.find((key) => this.has(key))
    if (found !== undefined) throw new Error(`${found} of ${this.#name} is not supported`)
  }

  /** From base64 in `KEY-data`, or from the file `KEY`. */
  content(key: string): string | undefined {
    const data = this.optional(`${key}-data`)
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
    const file = this.optional(key)
    return file === undefined ? undefined : readFileSync(resolve(this.folder, file), 'utf8')
  }
}
