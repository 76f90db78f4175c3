import { flag, type Options, type OptionTable } from '@tetragon-ts/service/options'
import { UsageError } from './usage-error.ts'

/** The option that every command has. */
export const helpOption = flag({ short: 'h', help: 'Show this help' })

/**
 * The options of a command, and `--help`.
 * @param advice ends messages about unknown options
 */
export function optionTable(options: Options, advice = ''): OptionTable {
  return {
    options: new Map(Object.entries({ ...options, help: helpOption })),
    advice,
    error: (message, rest) => new UsageError(message, rest),
  }
}
