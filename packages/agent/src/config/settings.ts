import { BadValue } from '../bad-value.ts'
import type { SettingValue } from '../endpoints/endpoint.ts'
import { AgentError } from '../error.ts'
import { withoutEffect } from './dependencies.ts'
import { options, type Settings } from './families/index.ts'
import type { OptionText, OptionTexts } from './sources/option-text.ts'

/**
 * Parses the values of all options. Later sources override earlier ones.
 * @throws AgentError AGENT_OPTION with the source of an invalid value
 */
export function readSettings(...sources: readonly OptionTexts[]): Settings {
  const values: Record<string, unknown> = {}
  for (const [name, option] of options) {
    const given = lastGiven(name, sources)
    if (given === undefined) {
      values[name] = option.unset
      continue
    }
    try {
      values[name] = option.read(given.text)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      const message = `read ${given.origin}: invalid value '${given.text}': ${error.message}`
      throw new AgentError('AGENT_OPTION', message, { cause: error })
    }
  }
  return values as Settings
}

/** The values of all options for clients, by name. */
export function settingValues(...sources: readonly OptionTexts[]): Record<string, SettingValue> {
  const values: Record<string, SettingValue> = {}
  for (const [name, option] of options) {
    const text = lastGiven(name, sources)?.text ?? option.default
    const isText = option.kind === 'value'
    values[name] = isText ? text : (option.read(text) as SettingValue)
  }
  return values
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

function lastGiven(name: string, sources: readonly OptionTexts[]): OptionText | undefined {
  return sources.findLast((source) => source.has(name))?.get(name)
}
