import type { EnvironmentTable, OptionText, OptionTexts } from '../option-table.ts'

/** The environment variable of an option: `TETRAGON_EXPORT_FILENAME`. */
export function variableOf(prefix: string, name: string): string {
  return `${prefix}${name.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Options from the environment. Empty variables and unknown ones with the prefix are
 * ignored: Kubernetes sets such variables for every service of that name.
 */
export function readEnvironment(table: EnvironmentTable, env: NodeJS.ProcessEnv): OptionTexts {
  const given = new Map<string, OptionText>()
  for (const [name, option] of table.options) {
    const variable = variableOf(table.prefix, name)
    const text = env[variable]
    if (text && !option.commandLineOnly) given.set(name, { text, origin: variable })
  }
  return given
}
