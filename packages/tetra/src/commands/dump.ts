import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { takeOperands } from './operands.ts'

const processcache = defineCommand({
  name: 'processcache',
  parent: 'dump',
  summary: 'Show the processes that the agent knows, one JSON object a line',
  options: {
    'skip-zero-refcnt': { kind: 'flag', help: 'Leave out those that nothing refers to' },
    'exclude-execve-map-processes': {
      kind: 'flag',
      help: "Leave out those that the kernel side's table holds",
    },
    ...connectionOptions,
  },
  examples: [['tetra dump processcache | jq -r .process.binary', 'Every program that runs']],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const dump = {
      skip_zero_refcnt: values['skip-zero-refcnt'],
      exclude_execve_map_processes: values['exclude-execve-map-processes'],
    }
    const { processes } = await withAgent(values, (agent) => {
      return agent.call('GetDebug', { flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE', dump })
    })
    const lines = (processes?.processes ?? []).map((process) => `${JSON.stringify(process)}\n`)
    streams.stdout.write(lines.join(''))
    return 0
  },
})

/** `tetra dump` */
export const dump: Command = defineGroup({
  name: 'dump',
  summary: 'Show what the agent keeps',
  commands: [processcache],
})
