import type { KernelProgram, WatchProgramsResponse } from '@tetragon-ts/api'
import { BadValue, flag, option, text } from '@tetragon-ts/service/options'
import { connectionOptions } from '../../connection/connection-options.ts'
import { watchAgent } from '../../connection/watch-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { tableLines } from '../../table.ts'
import { UsageError } from '../../usage-error.ts'

const clearScreen = '\x1b[H\x1b[2J'
const heads = ['ID', 'NAME', 'TYPE', 'POLICY', 'INSNS', 'RUNS/s', 'ns/RUN', 'CPU%', 'MISSED']
const numbers = new Set([0, 4, 5, 6, 7, 8])

interface Activity {
  readonly program: KernelProgram
  readonly runs: number
  readonly timeNs: number
}

/** Statistics of programs between two responses. */
function activityOf(before: WatchProgramsResponse, now: WatchProgramsResponse): Activity[] {
  const known = new Map((before.programs ?? []).map((program) => [program.id, program]))
  const activities = (now.programs ?? []).map((program) => {
    const last = known.get(program.id)
    const since = (name: 'run_count' | 'run_time_ns'): number =>
      Number(BigInt(program[name] ?? 0) - BigInt(last?.[name] ?? 0))
    return { program, runs: since('run_count'), timeNs: since('run_time_ns') }
  })
  return activities.sort((a, b) => b.timeNs - a.timeNs || (a.program.id ?? 0) - (b.program.id ?? 0))
}

function table(activities: readonly Activity[], seconds: number): string {
  const rows = activities.map(({ program, runs, timeNs }) => [
    String(program.id ?? 0),
    program.name ?? '',
    program.type ?? '',
    program.policy ?? '',
    String(program.instructions ?? 0),
    String(Math.round(runs / seconds)),
    runs === 0 ? '-' : String(Math.round(timeNs / runs)),
    ((timeNs / seconds / 1e9) * 100).toFixed(2),
    String(program.recursion_misses ?? 0),
  ])
  return `${tableLines([heads, ...rows], numbers).join('\n')}\n`
}

/** A number of seconds, with or without the unit. @throws BadValue */
function readSeconds(text: string): number {
  const seconds = Number(text.replace(/s$/, ''))
  if (seconds >= 0.1 && seconds <= 3600) return seconds
  throw new BadValue(`invalid number of seconds "${text}" (0.1 to 3600)`)
}

/** `tetra debug progs` */
export const progs = defineCommand({
  name: 'progs',
  parent: 'debug',
  aliases: ['top'],
  summary: "Show how often the agent's programs run in the kernel and how long they take",
  description:
    'While this command runs, the kernel measures each run, which costs some 20 ns. 100 % CPU is one CPU.',
  options: {
    ...connectionOptions,
    timeout: option({
      value: 'SECONDS',
      default: '1',
      help: 'Time between two snapshots',
      read: readSeconds,
    }),
    once: flag({ help: 'Show one snapshot and exit' }),
    'no-clear': flag({ help: 'Do not clear the screen between snapshots' }),
    all: flag({ hidden: true, help: 'Include programs of other owners' }),
    'bpf-lib': text({ value: 'FOLDER', hidden: true, help: 'Not used' }),
    'bpf-dir': text({ value: 'FOLDER', hidden: true, help: 'Not used' }),
  },
  examples: [
    ['tetra debug progs', 'Watch the cost of the agent'],
    ['tetra debug progs --once --timeout 10', 'The mean over ten seconds'],
  ],
  run: async ({ values, streams }) => {
    if (values.all) {
      throw new UsageError(
        'parse --all: the agent only reports its own programs; bpftool shows all',
      )
    }
    const interval = `${values.timeout}s`
    const { stdout } = streams
    const clear = stdout.isTTY === true && !values.once && !values['no-clear'] ? clearScreen : ''
    let before: WatchProgramsResponse | undefined
    const connection = { ...values, timeout: connectionOptions.timeout.unset }
    await watchAgent(connection, 'WatchPrograms', { interval }, (response) => {
      const last = before
      before = response
      // The first response has the initial counters.
      if (last === undefined) return true
      const seconds = Math.max(Number(response.elapsed?.slice(0, -1) ?? 1), 1e-6)
      stdout.write(clear + table(activityOf(last, response), seconds))
      return !values.once
    })
    return 0
  },
})

/** `tetra debug enable-stats` */
export const enableStats = defineCommand({
  name: 'enable-stats',
  parent: 'debug',
  summary: 'Enable run statistics of BPF programs until interrupted',
  options: connectionOptions,
  examples: [['tetra debug enable-stats', 'For bpftool prog, which shows the counters']],
  run: async ({ values, streams }) => {
    await watchAgent(values, 'WatchPrograms', { interval: '3600s' }, () => {
      streams.stderr.write('tetra: runs are counted until you press Ctrl-C\n')
      return true
    })
    return 0
  },
})
