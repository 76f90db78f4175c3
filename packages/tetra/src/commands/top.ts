import { choice, duration, flag, optionalInteger } from '@tetragon-ts/service/options'
import { agentsOptions } from '../agents/agents-options.ts'
import { openAgents } from '../agents/open-agents.ts'
import type { Command } from '../command.ts'
import { watchAgents } from '../connection/watch-agent.ts'
import { defineCommand } from '../define-command.ts'
import { jsonLine } from '../json-text.ts'
import { outputOption } from '../output-option.ts'
import { pidsOption } from '../pids-option.ts'
import { screenText } from '../top/screen.ts'
import { type Snapshot, snapshotOf, sortKeys } from '../top/snapshot.ts'

const clearScreen = '\x1b[H\x1b[2J'
/** Lines of the screen without processes. */
const otherLines = 6

/** `tetra top` */
export const top: Command = defineCommand({
  name: 'top',
  summary: 'Show what each process does: system calls and events by name and rate',
  description:
    'While this command runs, the agent counts system calls in the kernel, which costs some 250 ns\n' +
    'each. The number of calls that could not be counted is shown.',
  options: {
    interval: duration({
      min: 100,
      max: 3_600_000,
      short: 'i',
      default: '1s',
      help: 'Length of an interval, at least 0.1s',
    }),
    once: flag({ help: 'Show one snapshot and exit' }),
    output: outputOption('one object per snapshot and line'),
    sort: choice({ value: 'COLUMN', default: 'syscalls', choices: sortKeys, help: 'Sort order' }),
    pid: pidsOption({ short: 'p', help: 'Only these processes, with all of their system calls' }),
    limit: optionalInteger({
      min: 1,
      max: 999_999,
      short: 'l',
      value: 'COUNT',
      help: 'Maximum number of processes; default: the lines of the terminal, or all',
    }),
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
  run: async ({ values, streams }) => {
    const seconds = values.interval / 1000
    const wanted = new Set(values.pid)
    const { limit } = values
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
      const all = snapshotOf(answers, values.sort)
      const processes = all.processes.filter(({ pid }) => wanted.size === 0 || wanted.has(pid))
      stdout.write(show({ ...all, processes }))
      return !values.once
    })
    return 0
  },
})
