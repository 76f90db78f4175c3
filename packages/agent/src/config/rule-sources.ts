import type { RuleSources } from '../rules/rule-texts.ts'
import type { Settings } from './families/index.ts'

/** Where detection rules are, and which fields of events they have. */
export function ruleSources(settings: Settings): RuleSources {
  const least = settings['library-rules']
  const given = givenOptions(settings)
  return {
    paths: settings.rules,
    folder: settings['rules-dir'],
    library: least === 'off' ? undefined : { folder: settings['library-rules-dir'], least },
    // Others are not needed: the agent keeps ancestors for rules, and reads most of a pod's names.
    hasOption: (option) => given.get(option) ?? true,
  }
}

/** Options without which events lack fields, as `tetra rules explain` names them. */
function givenOptions(settings: Settings): ReadonlyMap<string, boolean> {
  const fields = settings['exec-fields']
  return new Map([
    ['--enable-process-cred', settings['enable-process-cred']],
    ['--enable-process-ns', settings['enable-process-ns']],
    ['--enable-process-environment-variables', settings['enable-process-environment-variables']],
    ['--username-metadata=unix', settings['username-metadata']],
    ['--exec-fields=executable', fields.executable],
    ['--exec-fields=argv', fields.argv],
    ['--exec-fields=session', fields.session],
    ['--exec-fields=layer', fields.layer],
    ['--exec-fields=environment', fields.variables],
  ])
}
