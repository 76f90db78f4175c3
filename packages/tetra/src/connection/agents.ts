import type { Readable } from 'node:stream'
import type { GetEventsRequest, RequestOf, ResponseOf } from '@tetragon-ts/api'
import type { Rpcs, UnaryName, WatchName } from './agent-client.ts'

/** The response of an agent, or why there is none. */
export type AgentAnswer<Response> = { readonly node: string } & (
  | { readonly response: Response; readonly failure?: undefined }
  | { readonly failure: string; readonly response?: undefined }
)

/** Events of agents in wire form, one for each chunk. */
export interface EventStream {
  readonly chunks: Readable
  /** Sets what is called when an agent has answered, maybe before its first event; once or more. */
  readonly onConnected: (act: () => void) => void
  /**
   * Sets what is called when all later events of the agent arrive. Agents of the original say so
   * with their first event. Undefined: the stream has several agents, which connect one by one.
   */
  readonly onSubscribed?: (act: () => void) => void
  /** Ends the stream; events that have arrived are still read. */
  readonly close: () => void
  /** The error for the user; undefined: it is not one of the agents or of their connection. */
  readonly explain: (error: Error) => Error | undefined
}

/** The agents that a command asks: the one at an address, or all of a cluster. */
export interface Agents extends Disposable {
  /** Whether answers name their nodes; false: there is one agent, whose node has no name. */
  readonly hasNodes: boolean
  /**
   * Calls a procedure of each agent. A single agent has no failures, only errors.
   * @param node only the agent of this node; undefined: all
   * @throws ConnectionError, ClusterError
   */
  call<Name extends UnaryName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    node?: string,
  ): Promise<AgentAnswer<ResponseOf<Rpcs[Name]>>[]>
  /**
   * Responses of a procedure, until the signal is aborted or the loop ends: those of one interval
   * at a time.
   * @throws ConnectionError, ClusterError
   */
  watch<Name extends WatchName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    signal: AbortSignal,
  ): AsyncGenerator<AgentAnswer<ResponseOf<Rpcs[Name]>>[], void, undefined>
  /**
   * Opens an event stream.
   * @param windowMs how long an event waits for earlier ones of other agents, in milliseconds
   */
  events(request: GetEventsRequest, windowMs: number): EventStream
}
