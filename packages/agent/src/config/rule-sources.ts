import type { RuleSources } from '../rules/rule-texts.ts'
import type { Settings } from './families/index.ts'

/** Where detection rules are. */
export function ruleSources(settings: Settings): RuleSources {
  const least = settings['library-rules']
  return {
    paths: settings.rules,
    folder: settings['rules-dir'],
    library: least === 'off' ? undefined : { folder: settings['library-rules-dir'], least },
  }
}
