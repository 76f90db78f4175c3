import type { OptionTable, OptionText, OptionTexts } from '../option-table.ts'
import { unknownOption } from './unknown-option.ts'

/** Options from files, and warnings. */
export interface FileValues {
  readonly given: OptionTexts
  readonly warnings: readonly string[]
}

/** Name and text of an option in a file. */
export interface FileEntry extends OptionText {
  readonly name: string
}

/**
 * Separates unknown options. They are warnings, not errors: files may be shared with another
 * release, or with the original.
 */
export function fileValues(table: OptionTable, entries: readonly FileEntry[]): FileValues {
  const given = new Map<string, OptionText>()
  const warnings: string[] = []
  for (const { name, text, origin } of entries) {
    const option = table.options.get(name)
    if (option === undefined) warnings.push(`read ${origin}: ${unknownOption(table, name)}`)
    else if (option.commandLineOnly) {
      warnings.push(`read ${origin}: ${name} is for the command line only`)
    } else given.set(name, { text, origin })
  }
  return { given, warnings }
}
