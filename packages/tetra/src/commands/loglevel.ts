import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { readOperand } from '../read-operand.ts'

const levels = {
  trace: 'LOG_LEVEL_TRACE',
  debug: 'LOG_LEVEL_DEBUG',
  info: 'LOG_LEVEL_INFO',
  warning: 'LOG_LEVEL_WARN',
  error: 'LOG_LEVEL_ERROR',
  fatal: 'LOG_LEVEL_FATAL',
  panic: 'LOG_LEVEL_PANIC',
} as const
const levelNames = Object.keys(levels) as (keyof typeof levels)[]

const flag = 'CONFIG_FLAG_LOG_LEVEL'

function nameOf(level: string | number | undefined): string {
  const [name] = Object.entries(levels).find(([, each]) => each === level) ?? []
  return name ?? String(level ?? 'panic')
}

const get = defineCommand({
  name: 'get',
  parent: 'loglevel',
  summary: "Show the agent's log level",
  options: connectionOptions,
  examples: [['tetra loglevel get', 'The current level']],
  run: async ({ values, streams }) => {
    const { level } = await withAgent(values, (agent) => agent.call('GetDebug', { flag }))
    streams.stdout.write(`Current log level: ${nameOf(level)}\n`)
    return 0
  },
})

const set = defineCommand({
  name: 'set',
  parent: 'loglevel',
  summary: "Change the agent's log level until it restarts",
  operands: 'LEVEL',
  operandChoices: levelNames,
  description: `Levels: ${levelNames.join(', ')}.`,
  options: connectionOptions,
  examples: [['tetra loglevel set debug', 'Increase the verbosity of the log']],
  run: async ({ values, operands, streams }) => {
    const level = levels[readOperand('LEVEL', operands[0], levelNames)]
    const response = await withAgent(values, (agent) => agent.call('SetDebug', { flag, level }))
    streams.stdout.write(`Log level set to: ${nameOf(response.level)}\n`)
    return 0
  },
})

/** `tetra loglevel` */
export const loglevel: Command = defineGroup({
  name: 'loglevel',
  aliases: ['log'],
  summary: "Show or change the agent's log level",
  commands: [get, set],
  examples: [['tetra loglevel set debug', 'Increase the verbosity of the log']],
})
