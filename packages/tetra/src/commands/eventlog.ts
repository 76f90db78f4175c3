import { optional, optionalInteger, readDuration } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { UsageError } from '../usage-error.ts'

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
  run: async ({ values, streams }) => {
    const response = await withAgent(values, (agent) => agent.call('GetEventLogParams', {}))
    streams.stdout.write(`Current logging parameters: ${protobufText(response)}\n`)
    return 0
  },
})

/** A valid duration as it is written. */
function durationText(text: string): string {
  readDuration(text)
  return text
}

const countMax = 999_999_999

const set = defineCommand({
  name: 'set',
  parent: 'eventlog',
  summary: "Change how the agent's export file is rotated",
  options: {
    'max-size': optionalInteger({
      min: 0,
      max: countMax,
      value: 'MB',
      help: 'Maximum size of a file',
    }),
    'rotation-interval': optional({
      value: 'TIME',
      help: 'Maximum time until a new file starts',
      read: durationText,
    }),
    'max-backups': optionalInteger({
      min: 0,
      max: countMax,
      value: 'COUNT',
      help: 'Number of old files to keep',
    }),
    ...connectionOptions,
  },
  examples: [['tetra eventlog set --max-size 50 --max-backups 3', 'Keep three old files of 50 MB']],
  run: async ({ values }) => {
    const request = {
      max_size: values['max-size'],
      rotation_interval: values['rotation-interval'],
      max_backups: values['max-backups'],
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
