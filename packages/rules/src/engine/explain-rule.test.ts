import assert from 'node:assert/strict'
import { it } from 'node:test'
import { linkRules } from '../link/link-rules.ts'
import { readRules } from '../parse/read-rules.ts'
import { ruleText } from '../testing/rule-text.ts'
import { explainRule } from './explain-rule.ts'

/** Options that a rule on a field needs. */
function optionsFor(field: string): readonly string[] {
  const { items, diagnostics } = readRules(ruleText(`a: {${field}: x}\ncondition: a`), 'a.yaml')
  assert.deepEqual(diagnostics, [])
  const [linked] = linkRules(items).rules
  return explainRule(linked).options
}

it('names the options without which a field is missing', () => {
  assert.deepEqual(optionsFor('process.environment_names'), ['--exec-fields=environment'])
  assert.deepEqual(optionsFor('process.tty'), ['--exec-fields=session'])
  assert.deepEqual(optionsFor('process.argv'), ['--exec-fields=argv'])
  assert.deepEqual(optionsFor('process.pod.namespace'), ['--enable-k8s-api'])
  assert.deepEqual(optionsFor('Image'), [])
})
