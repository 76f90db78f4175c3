import type { Writable } from 'node:stream'
import type { Agents } from '../connection/agents.ts'

/** Where the events of a console come from. */
export interface EventSource {
  /** They answer calls of the page; undefined: the source has events only. */
  readonly agents: Pick<Agents, 'call' | 'watch' | 'hasNodes'> | undefined
  /**
   * Sends frames to a page until the signal is aborted or the page is closed, not more than the
   * page reads.
   */
  send(page: Writable, signal: AbortSignal): Promise<void>
  /**
   * Sends frames of the events from a time on that the agent keeps: first one that says since when
   * it keeps them. A state at the end says why they are not all; undefined: there is no past.
   * @param since as in RFC 3339
   */
  sendPast?(page: Writable, since: string, signal: AbortSignal): Promise<void>
}
