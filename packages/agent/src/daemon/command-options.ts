import {
  nameWidthOf,
  type Options,
  optionRows,
  readArguments,
  readValues,
  type ValuesOf,
  wrongOperands,
} from '@tetragon-ts/service/options'
import { AgentError } from '../error.ts'

/** A command that prints something. */
export interface PrintCommand<O extends Options> {
  /** As it is typed: `kernel describe`. */
  readonly name: string
  /** One line. */
  readonly about: string
  /** Operands, as in the help: `FILE...`. */
  readonly operands: string
  readonly description: string
  readonly options: O
  readonly example: string
}

/** The options and operands of a command line; or the help, if it asks for it. */
type Parsed<O extends Options> =
  | string
  | { readonly values: ValuesOf<O>; readonly operands: readonly string[] }

/** @throws AgentError AGENT_OPTION */
export function parseCommand<O extends Options & { readonly help: Options[string] }>(
  command: PrintCommand<O>,
  argv: readonly string[],
): Parsed<O> {
  const [word] = command.name.split(' ')
  const advice = `; see ${word} --help`
  const error = (message: string, options?: ErrorOptions) =>
    new AgentError('AGENT_OPTION', `${word}: ${message}`, options)
  const table = { options: new Map(Object.entries(command.options)), advice, error }
  const { given, operands } = readArguments(table, argv)
  if (given.has('help')) return helpOf(command)
  const wrong = wrongOperands(command.operands, operands)
  if (wrong !== undefined) throw error(`${wrong}${advice}`)
  return { values: readValues(table, [given]) as ValuesOf<O>, operands }
}

/** The help of a command. */
export function helpOf({
  name,
  about,
  operands,
  description,
  options,
  example,
}: PrintCommand<Options>): string {
  return `tetragon ${name}: ${about}

Usage: ${['tetragon', name, '[OPTION...]', operands].join(' ').trim()}

${description}

${optionRows(options, nameWidthOf(options))}
Example:
  ${example}
`
}
