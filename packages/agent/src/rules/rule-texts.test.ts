import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, describe, it } from 'node:test'
import { readRuleTexts } from './rule-texts.ts'

describe('texts of rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rule-texts-'))
  after(() => rmSync(folder, { recursive: true }))

  it('are read once if links lead to a folder again', () => {
    const inner = join(folder, 'loop', 'inner')
    mkdirSync(inner, { recursive: true })
    for (const name of ['a', 'b', 'c', 'd', 'e']) symlinkSync('..', join(inner, name))
    for (const name of ['rule.yaml', '.hidden.yaml', 'notes.txt']) {
      writeFileSync(join(inner, name), name)
    }
    const { texts, errors } = readRuleTexts([join(folder, 'loop')])
    assert.deepEqual(
      texts.map(({ path, text }) => [relative(folder, path), text]),
      [['loop/inner/rule.yaml', 'rule.yaml']],
    )
    assert.deepEqual(errors, [])
  })

  it('are reported if they are too deep or missing', () => {
    mkdirSync(join(folder, ...'123456789'), { recursive: true })
    const { errors } = readRuleTexts([folder, join(folder, 'none')])
    assert.equal(errors.length, 2)
    assert.match(errors[0], /^read rules: .*\/9: more than 8 folders deep$/)
    assert.match(errors[1], /^read rules: ENOENT/)
  })
})
