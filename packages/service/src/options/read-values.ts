import { BadValue } from './bad-value.ts'
import type { OptionTable, OptionText, OptionTexts } from './option-table.ts'

/**
 * Parses the values of all options.
 * @param sources later ones override earlier ones
 * @returns values by name
 * @throws the error of the table, with the source of an invalid value
 */
export function readValues(
  table: OptionTable,
  sources: readonly OptionTexts[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, option] of table.options) {
    const given = lastGiven(name, sources)
    if (given === undefined) {
      values[name] = option.unset
      continue
    }
    try {
      values[name] = option.read(given.text)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      throw table.error(`parse ${given.origin}: ${error.message}`, { cause: error })
    }
  }
  return values
}

/** The text of the last source that has the option. */
export function lastGiven(name: string, sources: readonly OptionTexts[]): OptionText | undefined {
  return sources.findLast((source) => source.has(name))?.get(name)
}
