import type { Command, Options } from '../../command.ts'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { defineGroup } from '../../define-group.ts'
import { jsonLine } from '../../json-text.ts'
import { tableLines } from '../../table.ts'
import { UsageError } from '../../usage-error.ts'
import { meaningless } from '../meaningless.ts'
import { takeOperands } from '../operands.ts'

const mapOption = {
  'map-fname': {
    kind: 'text',
    value: 'FILE',
    default: '',
    hidden: true,
    help: 'A map that is pinned; this agent pins none',
  },
} as const satisfies Options

function refusePinned(path: string): void {
  if (path === '') return
  throw new UsageError(`open map ${path}: this agent pins no maps; leave --map-fname out to ask it`)
}

const processcache = (parent: string): Command =>
  defineCommand({
    name: 'processcache',
    parent,
    summary: 'Show the processes that the agent has cached, one JSON object per line',
    options: {
      'skip-zero-refcnt': { kind: 'flag', help: 'Omit processes without references' },
      'exclude-execve-map-processes': {
        kind: 'flag',
        help: "Omit processes that are in the kernel side's table",
      },
      ...connectionOptions,
    },
    examples: [[`tetra ${parent} processcache | jq -r .process.binary`, 'Every program that runs']],
    run: async ({ values, operands, streams }) => {
      takeOperands(operands, [])
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
    run: async ({ values, operands, streams }) => {
      takeOperands(operands, [])
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
      output: {
        kind: 'text',
        short: 'o',
        value: 'FORMAT',
        default: 'tab',
        choices: ['tab', 'json'],
        help: 'Form of the output',
      },
      ...mapOption,
      ...connectionOptions,
    },
    examples: [[`tetra ${parent} errmetrics`, 'Whether anything was lost']],
    run: async ({ values, operands, streams }) => {
      takeOperands(operands, [])
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
    summary: "The original's table of which policy is for which control group",
    options: mapOption,
    reason:
      'this agent has no such table: which processes a policy is for is part of its programs; ' +
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
