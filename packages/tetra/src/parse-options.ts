import {
  type Options,
  readArguments,
  readValues,
  type ValuesOf,
} from '@tetragon-ts/service/options'
import { optionTable } from './option-table.ts'

/** A parsed command line. */
export interface ParsedOptions<O extends Options> {
  readonly values: ValuesOf<O>
  readonly operands: readonly string[]
  /** Whether `-h` or `--help` was there; values are not read then. */
  readonly help: boolean
}

/** Parses the arguments of a command. @throws UsageError */
export function parseOptions<O extends Options>(
  argv: readonly string[],
  options: O,
): ParsedOptions<O> {
  const table = optionTable(options)
  const { given, operands } = readArguments(table, argv)
  const help = given.has('help')
  const values = readValues(table, help ? [] : [given]) as ValuesOf<O>
  return { values, operands, help }
}
