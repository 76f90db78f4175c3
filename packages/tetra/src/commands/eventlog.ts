import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { readDuration } from '../connection/duration.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { UsageError } from '../usage-error.ts'
import { takeOperands } from './operands.ts'

/** Set fields in protobuf text format, as the original prints them. */
function protobufText(message: object): string {
  return Object.entries(message)
    .filter(([, value]) => value !== undefined && value !== 0 && value !== '')
    .map(([name, value]) => `${name}:${JSON.stringify(value)}`)
    .join(' ')
}

const get = defineCommand({
  name: 'get',
  parent: 'eventlog',
  summary: "Show how the agent's export file is rotated",
  options: connectionOptions,
  examples: [['tetra eventlog get', 'Size in MB, interval and number of files']],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const response = await withAgent(values, (agent) => agent.call('GetEventLogParams', {}))
    streams.stdout.write(`Current logging parameters: ${protobufText(response)}\n`)
    return 0
  },
})

function optionalCount(option: string, text: string): number | undefined {
  if (text === '') return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`parse --${option}: invalid number "${text}"`)
}

const set = defineCommand({
  name: 'set',
  parent: 'eventlog',
  summary: "Change how the agent's export file is rotated",
  options: {
    'max-size': { kind: 'text', value: 'MB', default: '', help: 'Maximum size of a file' },
    'rotation-interval': {
      kind: 'text',
      value: 'TIME',
      default: '',
      help: 'Maximum time until a new file starts',
    },
    'max-backups': {
      kind: 'text',
      value: 'COUNT',
      default: '',
      help: 'Number of old files to keep',
    },
    ...connectionOptions,
  },
  examples: [['tetra eventlog set --max-size 50 --max-backups 3', 'Keep three old files of 50 MB']],
  run: async ({ values, operands }) => {
    takeOperands(operands, [])
    const interval = values['rotation-interval']
    if (interval !== '') readDuration('rotation-interval', interval)
    const request = {
      max_size: optionalCount('max-size', values['max-size']),
      rotation_interval: interval === '' ? undefined : interval,
      max_backups: optionalCount('max-backups', values['max-backups']),
    }
    if (Object.values(request).every((value) => value === undefined)) {
      throw new UsageError('nothing to set: give --max-size, --rotation-interval or --max-backups')
    }
    await withAgent(values, (agent) => agent.call('SetEventLogParams', request))
    return 0
  },
})

/** `tetra eventlog` */
export const eventlog: Command = defineGroup({
  name: 'eventlog',
  summary: "Show or change how the agent's export file is rotated",
  commands: [get, set],
  examples: [['tetra eventlog set --max-size 50', 'Larger files']],
})
