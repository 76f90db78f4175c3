import { lastGiven, type Option, type OptionTexts, readValues } from '@tetragon-ts/service/options'
import type { SettingValue } from '../endpoints/endpoint.ts'
import { agentTable } from './agent-table.ts'
import { withoutEffect } from './dependencies.ts'
import { options, type Settings } from './families/index.ts'

/**
 * Parses the values of all options. Later sources override earlier ones.
 * @throws AgentError AGENT_OPTION with the source of an invalid value
 */
export function readSettings(...sources: readonly OptionTexts[]): Settings {
  return readValues(agentTable, sources) as Settings
}

/** The values of all options for clients, by name. */
export function settingValues(...sources: readonly OptionTexts[]): Record<string, SettingValue> {
  const values: Record<string, SettingValue> = {}
  for (const [name, option] of options) {
    values[name] = settingValue(option, lastGiven(name, sources)?.text ?? option.default)
  }
  return values
}

/** Values of lists are texts, whatever is read from them. */
function settingValue(
  { kind, separator = ',', read }: Option<unknown>,
  text: string,
): SettingValue {
  if (kind === 'value') return text
  if (kind === 'list') return text.split(separator).filter((one) => one !== '')
  return read(text) as boolean | number
}

/** Warnings about options without effect that were set to another value than the default. */
export function notices(settings: Settings, ...sources: readonly OptionTexts[]): string[] {
  return [...options].flatMap(([name, { noEffect, default: initial }]) => {
    const given = lastGiven(name, sources)
    if (given === undefined || given.text === initial) return []
    const why = noEffect ?? withoutEffect(name, settings)
    return why === undefined ? [] : [`${given.origin} has no effect: ${why}`]
  })
}
