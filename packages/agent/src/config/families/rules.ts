import { findingLevels } from '@tetragon-ts/api'
import { choice, integer, list, text } from '@tetragon-ts/service/options'

/** The folder of detection rules that need not exist. */
export const defaultRuleFolder = '/etc/tetragon/rules'

/** Detection rules. */
export const ruleOptions = {
  rules: list({
    omitsEmpty: true,
    value: 'PATH',
    help: 'evaluate the detection rules (Sigma) of this file or folder; can be repeated',
  }),
  'rules-dir': text({
    value: 'DIR',
    default: defaultRuleFolder,
    help: 'also evaluate those of the YAML files in DIR and its subfolders',
  }),
  'library-rules': choice({
    value: 'LEVEL',
    choices: ['off', ...findingLevels],
    default: 'off',
    help:
      'evaluate the rules of the library that have this level or a higher one, with those that ' +
      'their correlations use',
  }),
  'library-rules-dir': text({
    value: 'DIR',
    default: '/usr/share/tetragon/policies/rules',
    help: 'the rules of the library',
  }),
  'findings-per-minute': integer({
    value: 'NUMBER',
    default: '20',
    min: 1,
    max: 1_000_000,
    help:
      'findings of a rule for a container or user that are in events; further ones are counted; ' +
      'of critical rules five times as many',
  }),
}
