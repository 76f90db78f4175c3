// 50,000 pods as objects would take more than 500 MiB; the goal is 128 MiB for the operator. Where
// the digests of both sides differ, the key enters a queue, and a write reads the pod again. A
// write names the version that it replaces: a replica that was stopped for any time cannot undo
// the changes of the leader after it.

/** Digests of what PodInfo objects should contain, from their pods, and of what they contain. */
export type Side = 'wanted' | 'stored'

/** The digest of a pod without an address: it needs no PodInfo yet. */
export const noAddress = 0

/**
 * What is known of pods and PodInfo objects: a number for each, which stands for its content. The
 * contents would take too much memory in a large cluster.
 */
export class Digests {
  /** By key; undefined until all objects are listed. */
  readonly #sides: Record<Side, Map<string, number> | undefined> = {
    wanted: undefined,
    stored: undefined,
  }

  /** Number of objects. */
  size(side: Side): number {
    return this.#sides[side]?.size ?? 0
  }

  /** All objects that exist now. */
  replace(side: Side, all: Map<string, number>): void {
    this.#sides[side] = all
  }

  set(side: Side, key: string, digest: number): void {
    this.#sides[side]?.set(key, digest)
  }

  delete(side: Side, key: string): void {
    this.#sides[side]?.delete(key)
  }

  has(side: Side, key: string): boolean {
    return this.#sides[side]?.has(key) === true
  }

  /** Whether a PodInfo is missing or differs from its pod. False until both sides are known. */
  differs(key: string): boolean {
    const { wanted, stored } = this.#sides
    const digest = wanted?.get(key) ?? noAddress
    return stored !== undefined && digest !== noAddress && digest !== stored.get(key)
  }

  /** Keys of pods whose PodInfo is missing or differs. */
  *differences(): Generator<string> {
    for (const key of this.#sides.wanted?.keys() ?? []) if (this.differs(key)) yield key
  }
}
