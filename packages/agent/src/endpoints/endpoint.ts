import type { Collection } from '@tetragon-ts/ebpf/lang'
import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { ProcessSensor } from '@tetragon-ts/sensors/process'
import type { Log } from '../log/log.ts'
import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import type { PolicyControl } from '../policies/registry/policy-control.ts'
import type { EventDetail } from '../reader/event-content.ts'
import type { LossSource } from '../reader/losses.ts'
import type { ReaderThread } from '../reader/reader-thread.ts'
import type { ListenAddress } from './listen/address.ts'

/** The agent as endpoints see it. */
export interface ServedAgent extends LossSource {
  readonly reader: ReaderThread
  readonly sensor: ProcessSensor
  readonly loadedPolicies: readonly LoadedPolicy[]
  /** Programs and maps that serve several policies. */
  readonly sharedByPolicies: readonly Collection[]
  /** The optional content of events. */
  readonly eventDetail: EventDetail
  /** Bytes. */
  readonly ringSize: number
  /** Size of the kernel's process table. */
  readonly processTableSize: number
  readonly waiting: WaitingLimits
  /** Fulfilled when no more events are made; rejected when the reader failed. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
}

/** Value of an option for clients: a number, a boolean, a list, or text. */
export type SettingValue = string | boolean | number | readonly string[]

/** What endpoints can ask of the daemon. */
export interface EndpointHost {
  readonly version: string
  readonly nodeName: string
  /** Values of options by name. */
  readonly settings: Readonly<Record<string, SettingValue>>
  readonly log: Log
  readonly agent: ServedAgent
  /** The policies of all sources. Their code is loaded when they are first asked for. */
  policies(): Promise<PolicyControl>
}

/** Clients that stream events, and the events that wait for them. */
export interface ClientStatistics {
  readonly clients: number
  /** Events that wait for clients. */
  readonly waiting: number
  /** Events that clients were too slow for, since the start; clients that left included. */
  readonly lost: number
}

/** An endpoint that was started. */
export interface RunningEndpoint {
  /** Where it listens; empty: nowhere. */
  readonly addresses: readonly ListenAddress[]
  /** What the log says about it, such as `serving metrics on http://localhost:2112/metrics`. */
  readonly notice?: string | undefined
  /** Of an endpoint that sends events. */
  statistics?(): ClientStatistics
  /** Ends all calls, in a bounded time, and frees the addresses. */
  close(): Promise<void>
}

/** A way to look at the agent from outside. */
export interface Endpoint<Options> {
  /**
   * Whether it is closed before the agent stops, because it needs the reader for that. Others are
   * closed after that: their clients get the last events.
   */
  readonly closesBeforeAgent: boolean
  /**
   * @param clients what other endpoints have on its way to clients; undefined: no endpoint sends
   *   events
   * @throws AgentError AGENT_SERVER, AGENT_FILE; then nothing of it is left
   */
  start(
    options: Options,
    host: EndpointHost,
    clients: () => ClientStatistics | undefined,
  ): Promise<RunningEndpoint>
}
