import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RuleFilter } from '../model/rule.ts'
import { readRules } from './read-rules.ts'

const nowMs = Date.parse('2026-06-15T12:00:00Z')

function read(terms: string) {
  const text = `title: Backup
logsource: {product: linux, category: process_creation}
${terms}
filter: {rules: any, s: {Image: /bin/tar}, condition: not s}
`
  const { items, diagnostics } = readRules(text, 'f.yaml', { nowMs })
  const problems = diagnostics.map(({ severity, code, line, column, message }) => {
    return `${severity} ${code} ${line}:${column} ${message}`
  })
  return { filter: items[0] as RuleFilter | undefined, problems }
}

describe('terms of filters', () => {
  it('are an owner and the last day', () => {
    const { filter, problems } = read('owner: storage team\nexpires: 2026-06-15')
    assert.deepEqual(problems, [])
    assert.equal(filter?.owner, 'storage team')
    const expires = { date: '2026-06-15', endMs: Date.parse('2026-06-16T00:00:00Z') }
    assert.deepEqual(filter?.expires, expires)
    assert.equal(read('author: ann').filter?.expires, undefined)
  })

  it('that are no dates are errors, so that no filter stays for ever by mistake', () => {
    const dates = [
      '2026-02-30',
      '2026-13-01',
      '15.06.2026',
      '2026-6-1',
      'soon',
      '2026',
      '[2026-06-15]',
    ]
    for (const date of [...dates, '', '{ a: 1 }']) {
      const { filter, problems } = read(`expires: ${date}`)
      assert.equal(filter, undefined, date)
      assert.match(problems[0], /^error RULE_(VALUE|TYPE) 3:\d+ /, date)
    }
    assert.match(read('expires: 2026-02-30').problems[0], /3:10 "2026-02-30" is not a date/)
    assert.match(read('owner: " "').problems[0], /^error RULE_VALUE 3:8 owner has 1 to 256/)
  })

  it('have one error each, and none of them in a rule', () => {
    assert.equal(read('expires: { a: 1 }').problems.length, 1)
    const { items, diagnostics } = readRules(
      `title: Rule
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /bin/tar}, condition: s}
expires: 2026-07-01
`,
      'r.yaml',
      { nowMs },
    )
    assert.equal(items.length, 1)
    assert.match(
      diagnostics.map(({ message }) => message).join(),
      /^expires has no effect in a rule/,
    )
  })

  it('warn of an expired filter and of misspelt names', () => {
    const expired = read('expires: 2026-06-14')
    assert.match(expired.problems.join(), /^warning RULE_EXPIRED 3:10 the filter has expired/)
    assert.equal(expired.filter?.expires?.date, '2026-06-14')
    for (const name of ['expiry', 'expire', 'Expires', 'expires_at', 'valid_until', 'owners']) {
      assert.match(
        read(`${name}: 2026-06-14`).problems.join(),
        /^warning RULE_VALUE 3:1 .*did you mean/,
      )
    }
    assert.deepEqual(read('modified: 2026-01-01\nx_ticket: A-1').problems, [])
  })
})
