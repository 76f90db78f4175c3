import type { Filter, Process } from '@tetragon-ts/api'
import { compileFilters, filterSubject } from '@tetragon-ts/policy/filters'
import { flag, list } from '@tetragon-ts/service/options'
import type { Command, Streams } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { EventReader } from '../events/event-reader.ts'
import { eventSource } from '../events/event-source.ts'
import { openLog } from '../events/open-log.ts'
import { pump } from '../events/pump.ts'
import { jsonLine } from '../json-text.ts'
import { outputOption } from '../output-option.ts'
import { pidsOption } from '../pids-option.ts'
import { type ProcessNode, ProcessTree } from '../tree/process-tree.ts'
import { inOrder, treeLines } from '../tree/tree-lines.ts'
import { UsageError } from '../usage-error.ts'

/** Reads an event log: a file, or standard input for `-`. */
async function readLog(
  path: string | undefined,
  { stdin, stdout, stderr }: Streams,
): Promise<ProcessTree> {
  const found = new ProcessTree()
  const reader = new EventReader(() => true, {
    add: ({ event }) => found.see(event),
    take: () => '',
  })
  const isStdin = path === undefined || path === '-'
  const input = isStdin ? stdin : await openLog(path)
  await pump(input, stdout, reader)
  stderr.write(reader.report())
  return found
}

/** `tetra tree [FILE]` */
export const tree: Command = defineCommand({
  name: 'tree',
  operands: '[FILE]',
  summary: 'Show the tree of processes',
  description:
    'Shows the processes of a log of events (FILE, or standard input if it is a file or a pipe), or\n' +
    'else those that the agent has cached. Processes that are not selected are shown only above others.',
  options: {
    namespace: list({ short: 'n', value: 'NAMES', help: 'Only pods of these namespaces' }),
    pod: list({ value: 'REGEX', help: 'Only pods whose name matches' }),
    container: list({ value: 'IDS', help: 'Only containers whose id has this prefix' }),
    process: list({ value: 'REGEX', help: 'Only processes whose binary matches' }),
    pid: pidsOption({ short: 'p', help: 'Only these processes and their descendants' }),
    ended: flag({ help: 'Include processes that have ended' }),
    arguments: flag({ short: 'a', default: 'true', help: 'Show arguments' }),
    output: outputOption('one object per process and line'),
    ...connectionOptions,
  },
  examples: [
    ['tetra tree', 'All processes of this machine'],
    ['tetra tree -n default --pod xwing', 'The processes of a pod and their ancestors'],
    ['tetra tree --ended /var/log/tetragon/tetragon.log', 'All processes of a log'],
    ['tetra tree -p $$', 'This shell and its descendants'],
  ],
  run: async ({ values, operands, streams }) => {
    const file = operands.at(0)
    const isChosen = choice({
      namespace: values.namespace,
      pod_regex: values.pod,
      binary_regex: values.process,
    })
    const selectedPids = new Set(values.pid)
    const { stdout } = streams
    const source =
      file === undefined ? await eventSource(values['server-address'], streams) : 'input'
    const processes = source === 'agent' ? await readAgent(values) : await readLog(file, streams)
    const isWanted = (process: Process, isEnded: boolean): boolean => {
      const { docker = '' } = process
      return (
        (values.ended || !isEnded) &&
        isChosen(process) &&
        (values.container.length === 0 || values.container.some((id) => docker.startsWith(id)))
      )
    }
    const roots = processes.roots(isWanted)
    const nodes = selectedPids.size === 0 ? roots : subtrees(roots, selectedPids)
    if (values.output === 'json') {
      for (const { node, depth } of inOrder(nodes)) {
        stdout.write(jsonLine({ ...node.process, ended: node.isEnded, depth }))
      }
      return 0
    }
    const { columns } = stdout as { columns?: number }
    const limit = stdout.isTTY ? (columns ?? 80) : Infinity
    for (const line of treeLines(nodes, { arguments: values.arguments, columns: limit })) {
      stdout.write(`${line}\n`)
    }
    return 0
  },
})

type Values = Parameters<typeof withAgent>[0]

async function readAgent(values: Values): Promise<ProcessTree> {
  const request = { flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE', dump: {} }
  const response = await withAgent(values, (agent) => agent.call('GetDebug', request))
  const found = new ProcessTree()
  for (const { process, color } of response.processes?.processes ?? []) {
    if (process !== undefined) found.add(process, color !== 'inUse')
  }
  return found
}

/** The filters of getevents for processes. */
function choice(filter: Filter): (process: Process) => boolean {
  let match: ReturnType<typeof compileFilters>
  try {
    match = compileFilters([filter], [])
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  return (process) => {
    const body = { process }
    return match(filterSubject({ key: 'process_exec', body, response: { process_exec: body } }))
  }
}

/** The nodes of some pids, anywhere in the tree; nested ones stay nested. */
function subtrees(nodes: readonly ProcessNode[], pids: ReadonlySet<number>): ProcessNode[] {
  const found: ProcessNode[] = []
  const open = [...nodes]
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    if (pids.has(node.process.pid ?? -1)) found.push(node)
    else open.push(...node.children)
  }
  return found
}
