import type { Command, Option } from '../command.ts'

/** An option for shells. */
export interface CompletedOption {
  /** With dashes: the long name first, then the short one. */
  readonly names: readonly string[]
  readonly help: string
  /** Its value: none, one of these words, or anything else, such as a file. */
  readonly value: 'none' | 'any' | readonly string[]
}

/** A command for shells. */
export interface CompletedCommand {
  /** Command path, joined by spaces; empty for tetra itself. */
  readonly path: string
  readonly commands: readonly Command[]
  readonly options: readonly CompletedOption[]
  /** Possible operands; files if undefined. */
  readonly operands: readonly string[] | undefined
}

function completedOption(name: string, option: Option): CompletedOption {
  const names = [`--${name}`, ...(option.short === undefined ? [] : [`-${option.short}`])]
  const { help } = option
  if (option.kind === 'flag') return { names, help, value: 'none' }
  const choices = option.kind === 'text' || option.kind === 'list' ? option.choices : undefined
  return { names, help, value: choices ?? 'any' }
}

const helpOption: CompletedOption = {
  names: ['--help', '-h'],
  help: 'Show help',
  value: 'none',
}

function operandsOf(command: Command): readonly string[] | undefined {
  if (command.operandChoices !== undefined) return command.operandChoices
  return /\bFILE\b/.test(command.operands ?? '') ? undefined : []
}

/** All visible commands, each after its parent. */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  const visit = (command: Command, around: string): CompletedCommand[] => {
    const path = around === '' ? command.name : `${around} ${command.name}`
    const parts = shown(command.commands ?? [])
    const options = Object.entries(command.options)
      .filter(([, { hidden }]) => !hidden)
      .map(([name, option]) => completedOption(name, option))
    const own = { path, commands: parts, options: [...options, helpOption] }
    return [
      { ...own, operands: operandsOf(command) },
      ...parts.flatMap((part) => visit(part, path)),
    ]
  }
  const roots = shown(commands)
  return [
    { path: '', commands: roots, options: [helpOption], operands: [] },
    ...roots.flatMap((command) => visit(command, '')),
  ]
}

function shown(commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ hidden }) => !hidden)
}
