import { choice, list } from '@tetragon-ts/service/options'
import { defineCommand } from '../../define-command.ts'
import { jsonLines } from '../../json-text.ts'
import { navigatorLayer } from '../../rules/navigator-layer.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'
import { readRuleTexts } from '../../rules/read-rule-texts.ts'
import { coveredTechniques, type Mention, policyMentions } from '../../rules/technique-coverage.ts'
import { tableLines } from '../../table.ts'

const lowLevels = new Set<string | undefined>(['low', 'informational', undefined])

/** `tetra rules coverage FILE…` */
export const coverage = defineCommand({
  name: 'coverage',
  parent: 'rules',
  summary: 'Show the techniques of ATT&CK that rules name, as a layer of the Navigator',
  operands: 'FILE|FOLDER...',
  description:
    'The layer (-o json) has three colours: detected by a rule of level medium or above, found by rules of level low or ' +
    'as a part of correlations only, and visible in events of a policy without a rule. Rules with errors are left out. ' +
    'It shows what rules claim: docs/reference/coverage.md has attacks that really run.',
  options: {
    policies: list({
      value: 'PATH',
      help: 'file or folder of policies, whose tags name techniques; can be repeated',
    }),
    output: choice({
      short: 'o',
      value: 'FORMAT',
      default: 'table',
      choices: ['table', 'json'],
      help: 'Output format; json is a layer of the ATT&CK Navigator',
    }),
  },
  examples: [
    ['tetra rules coverage policies/rules -o json > layer.json', 'Make a layer for the Navigator'],
    ['tetra rules coverage rules/ --policies policies/', 'Also show what policies make visible'],
  ],
  run: async ({ values, operands, streams }) => {
    const read = await readRuleFiles(operands, streams)
    const errors = (await printDiagnostics(read.diagnostics, streams.stderr)) + read.unreadable
    const policies = await readRuleTexts(values.policies, streams)
    const { rules, correlations } = read.linked
    const heads = [
      ...rules.map(({ rule, alone }) => ({ head: rule, alone })),
      ...correlations.map(({ correlation }) => ({ head: correlation, alone: true })),
    ]
    const mentions = heads.flatMap(({ head, alone }) => {
      const coverage = alone && !lowLevels.has(head.level) ? 'detected' : 'low'
      return head.techniques.map((technique): Mention => {
        return { technique, coverage, name: head.title }
      })
    })
    const seen = policies.files.flatMap(({ text }) => policyMentions(text))
    const techniques = coveredTechniques([...mentions, ...seen])
    if (values.output === 'json') streams.stdout.write(jsonLines(navigatorLayer(techniques)))
    else {
      const rows = techniques.map(({ technique, coverage, names }) => {
        return [technique, coverage, String(names.length), names[0]]
      })
      const head = ['TECHNIQUE', 'COVERAGE', 'RULES', 'FIRST']
      for (const line of tableLines([head, ...rows], new Set([2]))) {
        streams.stdout.write(`${line}\n`)
      }
    }
    return errors + policies.unreadable > 0 ? 1 : 0
  },
})
