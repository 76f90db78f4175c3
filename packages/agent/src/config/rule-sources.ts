import type { NeededOption } from '@tetragon-ts/rules'
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
    hasOption: (option) => given[option],
  }
}

/** Options without which events lack fields, as `tetra rules explain` names them. */
function givenOptions(settings: Settings): Readonly<Record<NeededOption, boolean>> {
  const fields = settings['exec-fields']
  return {
    // The agent keeps ancestors for rules, and reads the names of a pod without the API server.
    '--enable-ancestors': true,
    '--enable-k8s-api': true,
    '--enable-process-cred': settings['enable-process-cred'],
    '--enable-process-ns': settings['enable-process-ns'],
    '--enable-process-environment-variables': settings['enable-process-environment-variables'],
    '--username-metadata=unix': settings['username-metadata'],
    '--exec-fields=executable': fields.executable,
    '--exec-fields=argv': fields.argv,
    '--exec-fields=session': fields.session,
    '--exec-fields=layer': fields.layer,
    '--exec-fields=environment': fields.variables,
  }
}
