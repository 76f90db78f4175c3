import { options } from '../families/index.ts'
import type { OptionText, OptionTexts } from './option-text.ts'

/** The environment variable of an option: `TETRAGON_EXPORT_FILENAME`. */
export function variableOf(name: string): string {
  return `TETRAGON_${name.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Options from the environment. Empty variables and unknown ones with the prefix `TETRAGON_` are
 * ignored: Kubernetes sets such variables for every service of that name.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): OptionTexts {
  const given = new Map<string, OptionText>()
  for (const [name, option] of options) {
    const variable = variableOf(name)
    const text = env[variable]
    if (text && !option.commandLineOnly) given.set(name, { text, origin: variable })
  }
  return given
}
