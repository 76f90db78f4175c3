import type { Command, Option } from '../command.ts'

/** An option as shells see it. */
export interface CompletedOption {
  /** With dashes: the long name first, then the short one. */
  readonly names: readonly string[]
  readonly help: string
  /** What follows it: nothing, one of these words, or something else, such as a file. */
  readonly value: 'none' | 'any' | readonly string[]
}

/** A command as shells see it. */
export interface CompletedCommand {
  /** Names from the first command on, joined by a space; empty for tetra itself. */
  readonly path: string
  readonly commands: readonly Command[]
  readonly options: readonly CompletedOption[]
  /** Words that fit as operands; files if undefined. */
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

/** All commands that are shown, each after the one that it is a part of. */
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

/** A word that shells take as it is. */
export function shellQuote(text: string): string {
  return /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
