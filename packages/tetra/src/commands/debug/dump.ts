import { choice, flag, type Options, text } from '@tetragon-ts/service/options'
import type { Command } from '../../command.ts'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { defineGroup } from '../../define-group.ts'
import { jsonLine } from '../../json-text.ts'
import { tableLines } from '../../table.ts'
import { UsageError } from '../../usage-error.ts'
import { meaningless } from '../meaningless.ts'

const mapOption = {
  'map-fname': text({
    value: 'FILE',
    hidden: true,
    help: 'A map that is pinned; this agent pins no such map',
  }),
} as const satisfies Options

function refusePinned(path: string): void {
  if (path === '') return
  throw new UsageError(
    `open map ${path}: this agent pins no maps; omit --map-fname to query the agent`,
  )
}

const processcache = (parent: string): Command =>
  defineCommand({
    name: 'processcache',
    parent,
    summary: 'Show the processes that the agent has cached, one JSON object per line',
    options: {
      'skip-zero-refcnt': flag({ help: 'Omit processes without references' }),
      'exclude-execve-map-processes': flag({
        help: "Omit processes that are in the kernel side's table",
      }),
      ...connectionOptions,
    },
    examples: [[`tetra ${parent} processcache | jq -r .process.binary`, 'Every program that runs']],
    run: async ({ values, streams }) => {
      const dump = {
        skip_zero_refcnt: values['skip-zero-refcnt'],
        exclude_execve_map_processes: values['exclude-execve-map-processes'],
      }
      const { processes } = await withAgent(values, (agent) => {
        return agent.call('GetDebug', { flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE', dump })
      })
      const lines = (processes?.processes ?? []).map((process) => jsonLine(process))
      streams.stdout.write(lines.join(''))
      return 0
    },
  })

const execve = (parent: string): Command =>
  defineCommand({
    name: 'execve',
    parent,
    summary: "Show the kernel side's table of processes, one JSON object per line",
    options: { ...mapOption, ...connectionOptions },
    examples: [[`tetra ${parent} execve | wc -l`, 'How many processes the kernel side knows']],
    run: async ({ values, streams }) => {
      refusePinned(values['map-fname'])
      const { entries = [] } = await withAgent(values, (agent) => agent.call('GetProcessTable', {}))
      streams.stdout.write(entries.map((entry) => jsonLine(entry)).join(''))
      return 0
    },
  })

const errmetrics = (parent: string): Command =>
  defineCommand({
    name: 'errmetrics',
    parent,
    summary: 'Show losses since the agent started, by kind',
    options: {
      output: choice({
        short: 'o',
        value: 'FORMAT',
        default: 'tab',
        choices: ['tab', 'json'],
        help: 'Output format',
      }),
      ...mapOption,
      ...connectionOptions,
    },
    examples: [[`tetra ${parent} errmetrics`, 'Whether anything was lost']],
    run: async ({ values, streams }) => {
      refusePinned(values['map-fname'])
      const { losses = {} } = await withAgent(values, (agent) => agent.call('GetLosses', {}))
      const rows = Object.entries(losses).map(([kind, count]) => [kind, String(count)])
      const table = tableLines([['LOSS', 'COUNT'], ...rows], new Set([1]))
      const isJson = values.output === 'json'
      streams.stdout.write(isJson ? jsonLine({ losses }) : `${table.join('\n')}\n`)
      return 0
    },
  })

const policyfilter = (parent: string): Command =>
  meaningless({
    name: 'policyfilter',
    parent,
    summary: 'Show the table of policies by control group, of the original Tetragon only',
    options: mapOption,
    reason:
      'this agent has no such table: the programs of a policy test which processes it applies to; ' +
      'see tetra debug maps',
  })

function dumpGroup(parent: string | undefined, isHidden: boolean): Command {
  const path = parent === undefined ? 'dump' : `${parent} dump`
  return defineGroup({
    name: 'dump',
    parent,
    hidden: isHidden,
    summary: 'Dump tables of the agent and of its kernel side',
    examples: [[`tetra ${path} errmetrics`, 'Whether anything was lost']],
    commands: [processcache, execve, errmetrics, policyfilter].map((make) => make(path)),
  })
}

/** `tetra debug dump` */
export const debugDump = dumpGroup('debug', false)

/** `tetra dump`, the same. */
export const dump = dumpGroup(undefined, true)
