import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linkRules } from '../link/link-rules.ts'
import { logSources } from '../log-sources/index.ts'
import { readRules } from '../parse/read-rules.ts'
import { kernelFilter } from './rule-filter.ts'

/** The filter at the first hook of file_delete, for a condition on the path. */
function filterOf(value: string) {
  const { items, diagnostics } = readRules(
    `title: t
logsource: { product: linux, category: file_delete }
detection:
  s: { ${value} }
  condition: s
`,
    'a.yaml',
  )
  assert.deepEqual(diagnostics, [])
  const [{ rule }] = linkRules(items).rules
  const [use] = logSources.file_delete.uses ?? []
  return kernelFilter(rule.condition, use)
}

// The folder is argument 0, the entry with its last part is argument 1.
describe('the filter of a path in a folder', () => {
  it('has all alternatives of an expression', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '^/etc/a|/mem$'"), [
      [{ operator: 'Prefix', argument: 0, values: ['/etc'] }],
      [{ operator: 'Postfix', argument: 1, values: ['/mem'] }],
    ])
  })

  it('leaves out starts that no complete path has', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '(^|/)[.](ba|z)sh_history$'"), [
      [{ operator: 'Postfix', argument: 1, values: ['/.bash_history', '/.zsh_history'] }],
    ])
  })

  it('searches a part without a slash in both', () => {
    assert.deepEqual(filterOf('TargetFilename|contains: .ssh/x'), [
      [{ operator: 'SubStringIgnCase', argument: 0, values: ['.ssh'] }],
      [{ operator: 'SubStringIgnCase', argument: 1, values: ['.ssh'] }],
    ])
  })

  it('passes everything if nothing is certain', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '[0-9]$'"), [[]])
    assert.deepEqual(filterOf('TargetFilename|contains: /'), [[]])
  })
})
