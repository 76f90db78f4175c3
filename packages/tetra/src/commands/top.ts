import { agentsOptions } from '../agents/agents-options.ts'
import { openAgents } from '../agents/open-agents.ts'
import type { Command } from '../command.ts'
import { readDuration } from '../connection/duration.ts'
import { watchAgents } from '../connection/watch-agent.ts'
import { defineCommand } from '../define-command.ts'
import { jsonLine } from '../json-text.ts'
import { outputOption } from '../output-option.ts'
import { screenText } from '../top/screen.ts'
import { type Snapshot, type SortKey, snapshotOf, sortKeys } from '../top/snapshot.ts'
import { UsageError } from '../usage-error.ts'
import { takeOperands } from './operands.ts'

const clearScreen = '\x1b[H\x1b[2J'
/** Lines of the screen without processes. */
const otherLines = 6

function pids(texts: readonly string[]): ReadonlySet<number> {
  for (const text of texts) {
    if (!/^\d{1,10}$/.test(text)) throw new UsageError(`parse --pid: invalid pid "${text}"`)
  }
  return new Set(texts.map(Number))
}

function rowLimit(text: string): number | undefined {
  if (text === '') return undefined
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new UsageError(`parse --limit: invalid number "${text}" (at least 1)`)
}

/** `tetra top` */
export const top: Command = defineCommand({
  name: 'top',
  summary: 'Show what each process does: system calls and events by name and rate',
  description:
    'While this command runs, the agent counts system calls in the kernel, which costs some 250 ns\n' +
    'each. The number of calls that could not be counted is shown.',
  options: {
    interval: {
      kind: 'text',
      short: 'i',
      value: 'TIME',
      default: '1s',
      help: 'Length of an interval, at least 0.1s',
    },
    once: { kind: 'flag', help: 'Show one snapshot and exit' },
    output: outputOption('one object per snapshot and line'),
    sort: {
      kind: 'text',
      value: 'COLUMN',
      default: 'syscalls',
      choices: sortKeys,
      help: 'Sort order',
    },
    pid: {
      kind: 'list',
      short: 'p',
      value: 'PIDS',
      help: 'Only these processes, with all of their system calls',
    },
    limit: {
      kind: 'text',
      short: 'l',
      value: 'COUNT',
      default: '',
      help: 'Maximum number of processes; default: the lines of the terminal, or all',
    },
    ...agentsOptions,
  },
  examples: [
    ['tetra top', 'Watch the busiest processes'],
    ['tetra --cluster top', 'Watch the busiest processes of all nodes of a cluster'],
    ['tetra top -p $$ -i 5s', 'Everything one process does, in intervals of five seconds'],
    [
      `tetra top --once -o json | jq '.processes[0].syscalls'`,
      'The system calls of the busiest process',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const seconds = readDuration('interval', values.interval) / 1000
    const wanted = pids(values.pid)
    const limit = rowLimit(values.limit)
    const stdout: typeof streams.stdout & { rows?: number; columns?: number } = streams.stdout
    const isLive = stdout.isTTY === true && !values.once && values.output === 'text'
    using agents = await openAgents(values, streams)
    const show = (snapshot: Snapshot): string => {
      if (values.output === 'json') {
        const processes = snapshot.processes.slice(0, limit)
        return jsonLine({ ...snapshot, processes })
      }
      const free = isLive ? Math.max(1, (stdout.rows ?? 24) - otherLines) : Infinity
      const text = screenText(snapshot, {
        rows: Math.min(limit ?? Infinity, free),
        columns: stdout.isTTY ? (stdout.columns ?? 80) : Infinity,
        isDetailed: wanted.size > 0,
        hasNodes: agents.hasNodes,
      })
      return isLive ? clearScreen + text : text
    }
    await watchAgents(agents, 'WatchActivity', { interval: `${seconds}s` }, (answers) => {
      const all = snapshotOf(answers, values.sort as SortKey)
      const processes = all.processes.filter(({ pid }) => wanted.size === 0 || wanted.has(pid))
      stdout.write(show({ ...all, processes }))
      return !values.once
    })
    return 0
  },
})
