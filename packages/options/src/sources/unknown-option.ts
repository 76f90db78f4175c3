import { nearest } from '@tetragon-ts/policy/nearest'
import type { OptionTable } from '../option-table.ts'

/** Why an option is unknown: unsupported, with the reason, or misspelt, with the nearest one. */
export function unknownOption(
  { options, leftOut }: OptionTable,
  name: string,
  dashes = '',
): string {
  const reason = leftOut.get(name)
  if (reason !== undefined) return `${dashes}${name} is not supported: ${reason}`
  const near = nearest(name, [...options.keys()])
  const hint = near === undefined ? '' : `; did you mean ${dashes}${near}?`
  return `unknown option ${dashes}${name}${hint}`
}
