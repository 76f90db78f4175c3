import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'

const parent = 'sensors'
const description =
  'Agents answer that it is deprecated; `tetra tracingpolicy` has taken its place.'

const list = defineCommand({
  name: 'list',
  parent,
  summary: 'Show sensors (deprecated)',
  description,
  options: connectionOptions,
  examples: [['tetra sensors list', 'What an old agent runs']],
  run: async ({ values, streams }) => {
    const { sensors = [] } = await withAgent(values, (agent) => agent.call('ListSensors', {}))
    for (const { name, enabled, collection = '' } of sensors) {
      streams.stdout.write(`${name} ${enabled ? 'enabled' : 'disabled'} (${collection})\n`)
    }
    return 0
  },
})

function change(
  name: string,
  summary: string,
  rpc: 'EnableSensor' | 'DisableSensor' | 'RemoveSensor',
  done: string,
): Command {
  return defineCommand({
    name,
    parent,
    summary: `${summary} a sensor (deprecated)`,
    operands: 'NAME',
    description,
    options: connectionOptions,
    examples: [[`tetra sensors ${name} my-sensor`, 'For old agents']],
    run: async ({ values, operands, streams }) => {
      const [sensor] = operands
      await withAgent(values, (agent) => agent.call(rpc, { name: sensor }))
      streams.stdout.write(`sensor ${sensor} ${done}\n`)
      return 0
    },
  })
}

/** `tetra sensors` */
export const sensors: Command = defineGroup({
  name: 'sensors',
  hidden: true,
  summary: 'Show and change sensors (deprecated; see tracingpolicy)',
  examples: [['tetra sensors list', 'What an old agent runs']],
  commands: [
    list,
    change('enable', 'Enable', 'EnableSensor', 'enabled'),
    change('disable', 'Disable', 'DisableSensor', 'disabled'),
    change('rm', 'Remove', 'RemoveSensor', 'removed'),
  ],
})
