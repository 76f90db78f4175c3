import type { Command, Option } from './command.ts'

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}

function optionNames(name: string, option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `
  const value = option.kind === 'flag' ? '' : ` ${option.value}`
  return `${short}--${name}${value}`
}

function optionHelp(option: Option): string {
  const notes: string[] = []
  if (option.kind === 'text' && option.choices !== undefined) notes.push(option.choices.join(', '))
  if (option.kind === 'text' && option.default !== '') notes.push(`default ${option.default}`)
  if (option.kind === 'flag' && option.default) notes.push('default true')
  return notes.length === 0 ? option.help : `${option.help} (${notes.join('; ')})`
}

function exampleLines(command: Command): string {
  const lines = (command.examples ?? []).map(([line, meaning]) => `  # ${meaning}\n  ${line}\n`)
  return lines.length === 0 ? '' : `\nExamples:\n${lines.join('\n')}`
}

function optionRows(command: Command, group: Option['group']) {
  return Object.entries(command.options)
    .filter(([, option]) => !option.hidden && option.group === group)
    .map(([name, option]) => [optionNames(name, option), optionHelp(option)] as const)
}

const isShown = ({ hidden }: Command): boolean => !hidden

/** The command path. */
function fullName({ name, parent }: Command): string {
  return parent === undefined ? name : `${parent} ${name}`
}

function optionLists(command: Command): string {
  const rows = optionRows(command, undefined)
  const section = (title: string, group: Option['group']): string => {
    const own = optionRows(command, group)
    return own.length === 0 ? '' : `\n${title}:\n${columns(own)}`
  }
  return (
    `Options:\n${columns([...rows, ['-h, --help', 'Show this help']])}` +
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
    return `${head} [options]${operands}\n${exampleLines(command)}\n${optionLists(command)}`
  }
  const rows = commands.filter(isShown).map((each) => [each.name, each.summary] as const)
  const isCommand = Object.keys(command.options).length > 0
  return (
    `${head} ${isCommand ? '[COMMAND]' : 'COMMAND'} [options]\n\nCommands:\n${columns(rows)}` +
    `${exampleLines(command)}\n${isCommand ? `${optionLists(command)}\n` : ''}` +
    `Run "tetra help ${name} COMMAND" for the options of a command.\n`
  )
}

/** The help text of tetra itself. */
export function rootHelp(commands: readonly Command[]): string {
  const rows = commands.filter(isShown).map(({ name, summary }) => [name, summary] as const)
  return (
    'tetra shows and controls what Tetragon observes\n\n' +
    'Usage:\n  tetra COMMAND [options]\n\n' +
    `Commands:\n${columns(rows)}\n` +
    'Examples:\n' +
    '  tetra getevents -o compact\n' +
    '  tetra getevents -o compact < /var/log/tetragon/tetragon.log\n' +
    '  tetra tracingpolicy add policy.yaml\n' +
    '  tetra --cluster getevents -o compact\n' +
    '  tetra help getevents\n\n' +
    'Run "tetra help COMMAND" for the options of a command.\n'
  )
}
