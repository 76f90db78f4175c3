import type { ActivityCount, ProcessActivity, WatchActivityResponse } from '@tetragon-ts/api'
import type { AgentAnswer } from '../connection/agents.ts'

/** Rate of a system call or event. */
export interface Rate {
  readonly name: string
  readonly count: number
  readonly perSecond: number
}

/** Activity of a process. */
export interface ProcessRates {
  /** Its node, if there may be several. */
  readonly node?: string
  readonly pid: number
  readonly binary: string
  readonly arguments: string
  /** `namespace/pod`; empty on the host. */
  readonly pod: string
  readonly syscallsPerSecond: number
  readonly eventsPerSecond: number
  readonly syscalls: readonly Rate[]
  readonly events: readonly Rate[]
}

/** Activity of all processes in an interval. */
export interface Snapshot {
  readonly seconds: number
  readonly syscallsPerSecond: number
  readonly eventsPerSecond: number
  /** System calls and events that were not counted. */
  readonly uncountedSyscalls: number
  readonly lostEvents: number
  /** Why system calls are not counted; empty if they are. */
  readonly syscallsError: string
  /** Nodes without a response, with the reason. */
  readonly missing?: readonly { readonly node: string; readonly failure: string }[]
  readonly processes: readonly ProcessRates[]
}

export const sortKeys = ['syscalls', 'events', 'pid', 'binary'] as const
export type SortKey = (typeof sortKeys)[number]

const orders: Readonly<Record<SortKey, (a: ProcessRates, b: ProcessRates) => number>> = {
  syscalls: (a, b) => b.syscallsPerSecond - a.syscallsPerSecond,
  events: (a, b) => b.eventsPerSecond - a.eventsPerSecond,
  pid: (a, b) => a.pid - b.pid,
  binary: (a, b) => (a.binary < b.binary ? -1 : a.binary > b.binary ? 1 : 0),
}

function rates(counts: readonly ActivityCount[] = [], seconds: number): Rate[] {
  return counts.map(({ name = '', count = 0 }) => {
    return { name, count: Number(count), perSecond: Number(count) / seconds }
  })
}

function sum(of: readonly { readonly perSecond: number }[]): number {
  return of.reduce((total, { perSecond }) => total + perSecond, 0)
}

function processRates(process: ProcessActivity, seconds: number, node: string): ProcessRates {
  const { pid = 0, binary = '', namespace, pod } = process
  const [syscalls, events] = [rates(process.syscalls, seconds), rates(process.events, seconds)]
  return {
    ...(node !== '' && { node }),
    pid,
    binary,
    arguments: process.arguments ?? '',
    pod: pod === undefined ? '' : `${namespace ?? ''}/${pod}`,
    syscallsPerSecond: sum(syscalls),
    eventsPerSecond: sum(events),
    syscalls,
    events,
  }
}

/** Converts counts to rates, sorted as requested, the busiest first. */
export function snapshotOf(
  answers: readonly AgentAnswer<WatchActivityResponse>[],
  sort: SortKey,
): Snapshot {
  const all = answers.flatMap(({ node, response }) => (response ? [ratesOf(node, response)] : []))
  const missing = answers.flatMap(({ node, failure }) => (failure ? [{ node, failure }] : []))
  const processes = all.flatMap((each) => each.processes)
  const order = orders[sort]
  processes.sort((a, b) => order(a, b) || orders.syscalls(a, b) || orders.pid(a, b))
  const total = (value: (each: NodeRates) => number): number =>
    all.reduce((sum, each) => sum + value(each), 0)
  return {
    seconds: Math.max(0, ...all.map(({ seconds }) => seconds)),
    syscallsPerSecond: sumOf(processes, 'syscallsPerSecond'),
    eventsPerSecond: sumOf(processes, 'eventsPerSecond'),
    uncountedSyscalls: total(({ uncountedSyscalls }) => uncountedSyscalls),
    lostEvents: total(({ lostEvents }) => lostEvents),
    syscallsError: all
      .map(({ syscallsError }) => syscallsError)
      .filter((error) => error !== '')
      .join('; '),
    ...(missing.length > 0 && { missing }),
    processes,
  }
}

type NodeRates = ReturnType<typeof ratesOf>

function ratesOf(node: string, response: WatchActivityResponse) {
  const seconds = Math.max(Number(response.elapsed?.slice(0, -1) ?? 1), 1e-6)
  const error = response.counts_syscalls ? '' : (response.syscalls_error ?? '')
  return {
    seconds,
    processes: (response.processes ?? []).map((each) => processRates(each, seconds, node)),
    uncountedSyscalls: Number(response.uncounted_syscalls ?? 0),
    lostEvents: Number(response.lost_events ?? 0),
    syscallsError: node === '' || error === '' ? error : `${node}: ${error}`,
  }
}

function sumOf(
  processes: readonly ProcessRates[],
  key: 'syscallsPerSecond' | 'eventsPerSecond',
): number {
  return processes.reduce((total, each) => total + each[key], 0)
}
