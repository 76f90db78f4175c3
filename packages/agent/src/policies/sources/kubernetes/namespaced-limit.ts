import { keyOf } from '../../registry/policy-id.ts'
import { contentText, type PolicyObject } from './policy-object.ts'

/** Maximum number of namespaced policies, and of characters of their JSON together. */
export interface NamespacedMax {
  readonly objects: number
  readonly characters: number
}

/**
 * Limits namespaced policies as a whole: users who may create them in a namespace must not be able
 * to exhaust the memory of all agents, and with it to end the policies of others.
 */
export class NamespacedLimit {
  readonly #max: NamespacedMax
  /** Characters by key of the policy. */
  readonly #sizes = new Map<string, number>()
  #total = 0

  constructor(max: NamespacedMax = { objects: 2000, characters: 1 << 23 }) {
    this.#max = max
  }

  /** Takes an object in. @returns the object; without its content if it is too much */
  admit(object: PolicyObject): PolicyObject {
    const { id } = object
    if (id.namespace === '') return object
    this.release(object)
    const size = contentText(object)?.length ?? Number.POSITIVE_INFINITY
    const { objects, characters } = this.#max
    if (this.#sizes.size >= objects || this.#total + size > characters) {
      const limit = `${objects} namespaced policies with ${characters} characters of JSON in total`
      const problem = `the agent accepts ${limit}; delete others and create it again`
      return { ...object, content: {}, problem }
    }
    this.#sizes.set(keyOf(id), size)
    this.#total += size
    return object
  }

  /** The object was removed, or its next version comes. */
  release({ id }: Pick<PolicyObject, 'id'>): void {
    this.#total -= this.#sizes.get(keyOf(id)) ?? 0
    this.#sizes.delete(keyOf(id))
  }
}
