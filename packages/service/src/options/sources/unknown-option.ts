import { didYouMean } from '../did-you-mean.ts'
import type { OptionTable } from '../option-table.ts'

/** Why an option is unknown: unsupported, with the reason, or misspelt, with the nearest one. */
export function unknownOption(
  { options, leftOut }: OptionTable,
  name: string,
  dashes = '',
): string {
  const reason = leftOut?.get(name)
  if (reason !== undefined) return `${dashes}${name} is not supported: ${reason}`
  const names = [...options].flatMap(([each, { aliases = [] }]) => [each, ...aliases])
  const spelled = names.map((each) => `${dashes}${each}`)
  // A letter is similar to every other one.
  const hint = dashes === '-' ? '' : didYouMean(`${dashes}${name}`, spelled)
  return `unknown option ${dashes}${name}${hint}`
}
