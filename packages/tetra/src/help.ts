import { helpRow, nameWidthOf, type Options, optionRows } from '@tetragon-ts/service/options'
import type { Command } from './command.ts'
import { helpOption } from './option-table.ts'

/** Rows of commands, with their summaries. */
function commandRows(commands: readonly Command[]): string {
  const shown = commands.filter(({ hidden }) => !hidden)
  const width = Math.max(...shown.map(({ name }) => name.length)) + 4
  return shown.map(({ name, summary }) => helpRow(`  ${name}`, summary, width)).join('')
}

function exampleLines(command: Command): string {
  const lines = (command.examples ?? []).map(([line, meaning]) => `  # ${meaning}\n  ${line}\n`)
  return lines.length === 0 ? '' : `\nExamples:\n${lines.join('\n')}`
}

/** The command path. */
function fullName({ name, parent }: Command): string {
  return parent === undefined ? name : `${parent} ${name}`
}

function optionLists(command: Command): string {
  const options: Options = { ...command.options, help: helpOption }
  const width = nameWidthOf(options)
  const section = (title: string, wanted: string | undefined): string => {
    const own = Object.entries(options).filter(([, { group }]) => group === wanted)
    const rows = optionRows(Object.fromEntries(own), width)
    return rows === '' ? '' : `\n${title}:\n${rows}`
  }
  return (
    section('Options', undefined) +
    section('All agents of a cluster', 'cluster') +
    section('Connection to the agent', 'connection')
  )
}

/** The help text of one command. */
export function commandHelp(command: Command): string {
  const { commands } = command
  const name = fullName(command)
  const description = command.description === undefined ? '' : `\n${command.description}\n`
  const head = `${command.summary}\n${description}\nUsage:\n  tetra ${name}`
  if (commands === undefined) {
    const operands = command.operands === undefined ? '' : ` ${command.operands}`
    return `${head} [options]${operands}\n${exampleLines(command)}${optionLists(command)}`
  }
  const isCommand = Object.keys(command.options).length > 0
  return (
    `${head} ${isCommand ? '[COMMAND]' : 'COMMAND'} [options]\n\n` +
    `Commands:\n${commandRows(commands)}` +
    `${exampleLines(command)}${isCommand ? optionLists(command) : ''}\n` +
    `Run "tetra help ${name} COMMAND" for the options of a command.\n`
  )
}

/** The help text of tetra itself. */
export function rootHelp(commands: readonly Command[]): string {
  return (
    'tetra shows and controls what Tetragon observes\n\n' +
    'Usage:\n  tetra COMMAND [options]\n\n' +
    `Commands:\n${commandRows(commands)}\n` +
    'Examples:\n' +
    '  tetra getevents -o compact\n' +
    '  tetra getevents -o compact < /var/log/tetragon/tetragon.log\n' +
    '  tetra tracingpolicy add policy.yaml\n' +
    '  tetra --cluster getevents -o compact\n' +
    '  tetra help getevents\n\n' +
    'Run "tetra help COMMAND" for the options of a command.\n'
  )
}
