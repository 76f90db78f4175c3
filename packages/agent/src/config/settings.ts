import { AgentError } from '../error.ts'
import { options, type Settings } from './families/index.ts'
import type { GivenValues } from './given.ts'
import { BadValue } from './option.ts'

/**
 * Reads the values of all options. Of two sources that give the same one the later counts.
 * @throws AgentError AGENT_OPTION with the source of a value that cannot be read
 */
export function readSettings(...sources: readonly GivenValues[]): Settings {
  const values: Record<string, unknown> = {}
  for (const [name, option] of options) {
    const given = sources.findLast((source) => source.has(name))?.get(name)
    if (given === undefined) {
      values[name] = option.unset
      continue
    }
    try {
      values[name] = option.read(given.text)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      const message = `read ${given.origin}: '${given.text}' ${error.message}`
      throw new AgentError('AGENT_OPTION', message, { cause: error })
    }
  }
  return values as Settings
}

/** All options as text, the way they would be given. */
export function settingTexts(...sources: readonly GivenValues[]): Record<string, string | boolean> {
  const texts: Record<string, string | boolean> = {}
  for (const [name, option] of options) {
    const given = sources.findLast((source) => source.has(name))?.get(name)
    const text = given?.text ?? option.default
    texts[name] = option.kind === 'flag' ? Boolean(option.read(text)) : text
  }
  return texts
}
