import { escapeUnprintable } from '@tetragon-ts/api'
import { tableLines } from '../table.ts'
import type { ProcessRates, Rate, Snapshot } from './snapshot.ts'

const heads = ['PID', 'CALLS/s', 'EVENTS/s', 'BINARY', 'POD', 'MOST FREQUENT']
/** Columns of numbers. */
const numbers = [0, 1, 2]
const shownBinary = 40
const frequentNames = 5

function rate(perSecond: number): string {
  if (perSecond === 0) return '0'
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond))
}

/** The end of a path is more informative than its start. */
function shortPath(path: string): string {
  const clean = escapeUnprintable(path)
  return clean.length <= shownBinary ? clean : `…${clean.slice(1 - shownBinary)}`
}

function frequent({ syscalls, events }: ProcessRates): string {
  const all = [...syscalls, ...events].sort((a, b) => b.perSecond - a.perSecond)
  const first = all.slice(0, frequentNames)
  const text = first.map(({ name, perSecond }) => `${name} ${rate(perSecond)}`).join(', ')
  return all.length > first.length ? `${text}, …` : text
}

function row(process: ProcessRates): string[] {
  return [
    String(process.pid),
    rate(process.syscallsPerSecond),
    rate(process.eventsPerSecond),
    shortPath(process.binary) || '?',
    process.pod,
    frequent(process),
  ]
}

/** The table of processes, with their nodes if there are several. */
function table(processes: readonly ProcessRates[], hasNodes: boolean): string[] {
  if (!hasNodes) return tableLines([heads, ...processes.map(row)], new Set(numbers))
  const rows = processes.map((process) => [process.node ?? '', ...row(process)])
  return tableLines([['NODE', ...heads], ...rows], new Set(numbers.map((column) => column + 1)))
}

function losses({ uncountedSyscalls, lostEvents, syscallsError }: Snapshot): string {
  const parts = [
    syscallsError === '' ? '' : `system calls are not counted: ${escapeUnprintable(syscallsError)}`,
    uncountedSyscalls === 0 ? '' : `${uncountedSyscalls} system calls not counted`,
    lostEvents === 0 ? '' : `${lostEvents} events lost`,
  ]
  return parts.filter(Boolean).join('; ')
}

function head(snapshot: Snapshot): string[] {
  const { seconds, processes, syscallsPerSecond, eventsPerSecond } = snapshot
  const lost = losses(snapshot)
  const missing = (snapshot.missing ?? []).map(({ node, failure }) => {
    return escapeUnprintable(`missing: node ${node}: ${failure}`)
  })
  return [
    `${processes.length} ${processes.length === 1 ? 'process' : 'processes'} active in ${seconds.toFixed(1)} s, ` +
      `${rate(syscallsPerSecond)} system calls and ${rate(eventsPerSecond)} events per second`,
    ...(lost === '' ? [] : [lost]),
    ...missing,
    '',
  ]
}

/** All counts of a few processes, one per line. */
function details(snapshot: Snapshot): string[] {
  return snapshot.processes.flatMap((process) => {
    const line = (kind: string) => (each: Rate) => [kind, each.name, rate(each.perSecond)]
    const rows = [
      ...process.syscalls.map(line('system call')),
      ...process.events.map(line('event')),
    ]
    const { node, pid, binary, arguments: words } = process
    const title = `${node === undefined ? '' : `${node} `}${pid} ${binary || '?'} ${words}`
    return [escapeUnprintable(title.trimEnd()), ...tableLines(rows, new Set([2])), '']
  })
}

/** Size of the screen. */
export interface Screen {
  readonly rows: number
  /** Longer lines are truncated. */
  readonly columns: number
  readonly isDetailed: boolean
  /** Whether processes may be of several nodes. */
  readonly hasNodes: boolean
}

/** A snapshot as text. */
export function screenText(
  snapshot: Snapshot,
  { rows, columns, isDetailed, hasNodes }: Screen,
): string {
  const shown = snapshot.processes.slice(0, rows)
  const hidden = snapshot.processes.length - shown.length
  const lines = isDetailed
    ? [...head(snapshot), ...details(snapshot)]
    : [
        ...head(snapshot),
        ...table(shown, hasNodes),
        ...(hidden > 0 ? [`… and ${hidden} more`] : []),
      ]
  return lines.map((line) => `${line.slice(0, columns)}\n`).join('')
}
