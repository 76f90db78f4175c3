import { options } from '../families/index.ts'
import type { OptionText, OptionTexts } from './option-text.ts'

/** The variable that gives an option: `TETRAGON_EXPORT_FILENAME`. */
export function variableOf(name: string): string {
  return `TETRAGON_${name.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Options from the environment. An empty variable gives nothing, and others that begin with
 * `TETRAGON_` are left alone: Kubernetes sets such for every service of that name.
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
