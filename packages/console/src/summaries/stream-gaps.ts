import type { Event } from '@tetragon-ts/api'
import { type Gap, GapList } from '../store/gaps.ts'

/** Maximum number of gaps: each is a mark of the time line. */
const gapsMax = 128

/**
 * When events did not reach the page: an agent drops those for a page that is too slow and says so
 * with the next event, and events may be unreadable.
 */
export class StreamGaps {
  readonly #nodesMax: number
  readonly #gaps = new GapList(gapsMax)
  /** Time of the last event of each node, in milliseconds since 1970. */
  readonly #last = new Map<string, number>()

  /** @param nodesMax maximum number of nodes; gaps of further ones start at their notice */
  constructor(nodesMax: number) {
    this.#nodesMax = nodesMax
  }

  get all(): readonly Gap[] {
    return this.#gaps.all
  }

  /** An unknown number of events did not arrive, between two times. */
  miss(from: number, to: number): void {
    if (!(to > from)) return
    const unknown = { lost: 0, isUncounted: true, hidesProcesses: true }
    this.#gaps.add({ from, to, node: undefined, ...unknown })
  }

  /**
   * @param event undefined: it could not be decoded
   * @param time of the event, in milliseconds since 1970
   */
  see(event: Event | undefined, time: number): void {
    if (event === undefined) {
      this.#gaps.add({ from: time, to: time + 1, node: undefined, lost: 1, hidesProcesses: true })
      return
    }
    const node = event.response.node_name ?? ''
    const last = this.#last.get(node)
    if (last !== undefined || this.#last.size < this.#nodesMax) this.#last.set(node, time)
    if (event.key !== 'rate_limit_info') return
    const lost = Number(event.body.number_of_dropped_process_events ?? 0)
    if (lost === 0) return
    const from = Math.min(last ?? time, time)
    this.#gaps.add({ from, to: time + 1, node, lost, hidesProcesses: true })
  }
}
