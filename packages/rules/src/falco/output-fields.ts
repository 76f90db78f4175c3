import { parseFalcoField } from './parse-condition.ts'
import { FalcoSyntaxError } from './tokens.ts'
import type { Translator } from './translate.ts'

/** Sigma's names of the fields that an output shows: `%proc.cmdline`, `%10user.name`. */
export function outputFields(output: string, translator: Translator): string[] {
  const names = new Set<string>()
  for (const [, text] of output.matchAll(/%-?\d*([a-z][\w.]*(?:\[[^\]]*\])?)/gi)) {
    const name = fieldOf(text.replace(/\.$/, ''), translator)
    if (name !== undefined) names.add(name)
  }
  return [...names]
}

function fieldOf(text: string, translator: Translator): string | undefined {
  try {
    return translator.shown(parseFalcoField(text))
  } catch (error) {
    if (error instanceof FalcoSyntaxError) return undefined
    throw error
  }
}
