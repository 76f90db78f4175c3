import { wrongOperands } from '../operands.ts'
import type { Option } from '../option.ts'
import type { OptionTable, OptionText, OptionTexts } from '../option-table.ts'
import { unknownOption } from './unknown-option.ts'

/** An argument of a command line: an option with its value, or an operand. */
export type Argument =
  | {
      readonly kind: 'option'
      readonly name: string
      /** With its dashes. */
      readonly spelled: string
      readonly text: string
    }
  | { readonly kind: 'operand'; readonly text: string; readonly index: number }

/**
 * Splits a command line: `--name=value`, `--name value`, `--flag`, `--flag=false`, `-n value`,
 * `-nvalue`, `-n=value`, and several letters such as `-fn value`. Options and operands may be
 * mixed; `--` ends the options. Unknown options are errors, since a misspelt one must not go
 * unnoticed.
 * @throws the error of the table
 */
export function* splitArguments(table: OptionTable, argv: readonly string[]): Generator<Argument> {
  const names = spellings(table)
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]
    if (argument === '--') {
      for (index++; index < argv.length; index++) {
        yield { kind: 'operand', text: argv[index], index }
      }
    } else if (!argument.startsWith('-') || argument === '-') {
      yield { kind: 'operand', text: argument, index }
    } else {
      for (const { spelled, attached } of spelledOptions(argument, names)) {
        const found = names.get(spelled)
        if (found === undefined) {
          const [, dashes, name] = /^(--?)(.*)$/s.exec(spelled) ?? []
          throw table.error(`${unknownOption(table, name, dashes)}${table.advice ?? ''}`)
        }
        const { name, isFlag } = found
        const text = attached ?? (isFlag ? 'true' : argv[++index])
        if (text === undefined) throw table.error(`parse ${spelled}: missing value`)
        yield { kind: 'option', name, spelled, text }
      }
    }
  }
}

/** Options and operands of a command line. */
export interface CommandLine {
  readonly given: OptionTexts
  readonly operands: readonly string[]
}

/**
 * Parses a command line. If an option is given twice, the last value counts; lists are joined. The
 * number of operands is not checked.
 * @throws the error of the table for unknown options
 */
export function readArguments(table: OptionTable, argv: readonly string[]): CommandLine {
  const given = new Map<string, OptionText>()
  const operands: string[] = []
  for (const argument of splitArguments(table, argv)) {
    if (argument.kind === 'operand') {
      operands.push(argument.text)
      continue
    }
    const { name, spelled, text } = argument
    const { kind, separator = ',' } = table.options.get(name) as Option<unknown>
    const before = kind === 'list' ? given.get(name) : undefined
    const joined = before === undefined ? text : `${before.text}${separator}${text}`
    // The values of a list are read together; of others only the last one is.
    given.set(name, { text: joined, origin: before?.origin ?? spelled })
  }
  return { given, operands }
}

/** Parses the command line of a program without operands. @throws the error of the table */
export function readCommandLine(table: OptionTable, argv: readonly string[]): OptionTexts {
  const { given, operands } = readArguments(table, argv)
  const wrong = wrongOperands('', operands)
  if (wrong !== undefined) throw table.error(`${wrong}${table.advice ?? ''}`)
  return given
}

interface Spelling {
  readonly name: string
  readonly isFlag: boolean
}

/** Options by all of their names, with dashes. */
function spellings({ options }: OptionTable): ReadonlyMap<string, Spelling> {
  const found = new Map<string, Spelling>()
  for (const [name, { kind, short, aliases = [] }] of options) {
    const spelling = { name, isFlag: kind === 'flag' }
    for (const each of [name, ...aliases]) found.set(`--${each}`, spelling)
    if (short !== undefined) found.set(`-${short}`, spelling)
  }
  return found
}

/** The options in an argument: `--a=b`, `-a`, `-ab`, `-avalue`. */
function* spelledOptions(
  argument: string,
  names: ReadonlyMap<string, Spelling>,
): Generator<{ readonly spelled: string; readonly attached?: string }> {
  if (argument.startsWith('--')) {
    const split = argument.indexOf('=')
    if (split < 0) yield { spelled: argument }
    else yield { spelled: argument.slice(0, split), attached: argument.slice(split + 1) }
    return
  }
  for (let i = 1; i < argument.length; i++) {
    const spelled = `-${argument[i]}`
    const rest = argument.slice(i + 1)
    const isText = names.get(spelled)?.isFlag === false && rest !== ''
    if (isText || rest.startsWith('=')) {
      yield { spelled, attached: rest.replace(/^=/, '') }
      return
    }
    yield { spelled }
  }
}
