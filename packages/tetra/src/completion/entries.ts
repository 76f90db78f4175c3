import type { Option } from '@tetragon-ts/service/options'
import type { Command, NameTable } from '../command.ts'
import { helpOption } from '../option-table.ts'

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
  /** Names that can follow an operand after a dot. */
  readonly fields: NameTable
}

function completedOption(name: string, option: Option<unknown>): CompletedOption {
  const { kind, short, choices = 'any', help } = option
  const names = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]
  return { names, help, value: kind === 'flag' ? 'none' : choices }
}

const completedHelp = completedOption('help', helpOption)

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
    const own = { path, commands: parts, options: [...options, completedHelp] }
    return [
      { ...own, operands: operandsOf(command), fields: command.operandFields ?? [] },
      ...parts.flatMap((part) => visit(part, path)),
    ]
  }
  const roots = shown(commands)
  return [
    { path: '', commands: roots, options: [completedHelp], operands: [], fields: [] },
    ...roots.flatMap((command) => visit(command, '')),
  ]
}

function shown(commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ hidden }) => !hidden)
}

/** The entries of each row of a table, as `NAME:ROW`; `NAME:` has nothing below. */
export function fieldRows(table: NameTable): (readonly [row: number, entries: string[]])[] {
  return table.map((row, i) => [i, row.map(([name, below = '']) => `${name}:${below}`)] as const)
}
