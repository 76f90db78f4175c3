import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'

/** How long events wait for the rules at most, in milliseconds. */
const longestMs = 60_000
/** Part of a ring that waiting records may have. */
const share = 1 / 4

/**
 * Events that happen after the agent has started, but before its first rules are in force, wait in
 * the ring: so that rules see them, and the start does not wait for rules.
 */
export class StartHold {
  #end = 0

  /** The agent has started. */
  begin(): void {
    this.#end = performance.now() + longestMs
  }

  /** The rules are in force, or there are none. */
  end(): void {
    this.#end = 0
  }

  /** Whether records of these rings are not to be read yet. */
  holds(...rings: readonly (Pick<RingBufferReader, 'pending' | 'size'> | undefined)[]): boolean {
    if (this.#end === 0) return false
    if (performance.now() >= this.#end) this.end()
    return this.#end > 0 && rings.every((ring) => !ring || ring.pending < ring.size * share)
  }
}
