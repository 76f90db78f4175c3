import { RequestError } from '../../request-error.ts'
import type { PolicyId } from './policy-control.ts'
import { PolicyEntry, type WrittenPolicy } from './policy-entry.ts'
import { describe, keyOf } from './policy-id.ts'
import type { PolicyOrigin } from './policy-origin.ts'

/** The entries of all policies, by id. */
export class PolicyEntries {
  readonly #entries = new Map<string, PolicyEntry>()
  #nextNumber = 1

  get all(): readonly PolicyEntry[] {
    return [...this.#entries.values()]
  }

  get(id: PolicyId): PolicyEntry | undefined {
    return this.#entries.get(keyOf(id))
  }

  /** A new entry, which is not listed yet. */
  create(origin: PolicyOrigin, id: PolicyId, written: WrittenPolicy): PolicyEntry {
    return new PolicyEntry(this.#nextNumber++, id, origin, written)
  }

  /** Lists an entry, in place of the one with the same id. */
  set(entry: PolicyEntry): void {
    this.#entries.set(keyOf(entry.id), entry)
  }

  /**
   * Lists a new entry for a text of a source. Settings that clients have made for the text before
   * apply to this one as well.
   */
  enter(origin: PolicyOrigin, id: PolicyId, written: WrittenPolicy): PolicyEntry {
    const before = this.get(id)
    const entry = this.create(origin, id, written)
    entry.mode = before?.mode
    entry.isRequested = before?.isRequested ?? true
    this.set(entry)
    return entry
  }

  delete(id: PolicyId): void {
    this.#entries.delete(keyOf(id))
  }

  /** The entry of a source, if there is one. @throws RequestError if another source has the id */
  ofOrigin(origin: PolicyOrigin, id: PolicyId): PolicyEntry | undefined {
    const entry = this.get(id)
    if (entry === undefined || entry.origin === origin) return entry
    throw new RequestError('exists', `load policy: ${describe(id)} already exists`)
  }

  /** @param action for the error, such as `delete` @throws RequestError if there is none */
  find(action: string, id: PolicyId): PolicyEntry {
    const entry = this.get(id)
    if (entry !== undefined) return entry
    const others = this.all.filter((other) => other.id.name === id.name)
    const hint = others.map((other) => `; ${describe(other.id)} exists`).join('')
    throw new RequestError('not_found', `${action} policy: ${describe(id)} not found${hint}`)
  }
}
