import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { withMode } from './policy-mode.ts'

/** Lines of a text that are not in another, in order. */
function newLines(text: string, old: string): string[] {
  const before = old.split('\n')
  return text.split('\n').filter((line) => line !== before[0] || before.shift() === undefined)
}

describe('withMode', () => {
  const head = 'kind: TracingPolicy\n\n\nspec:\n'

  for (const [name, old, added] of [
    [
      'without options',
      'spec: # why\n  a: 1 # last',
      '  options:\n  - name: policy-mode\n    value: monitor',
    ],
    [
      'with other options',
      `${head}    options:\n      - {name: x, value: 1}  # x\n    # end\n    a: 1\n`,
      '      - name: policy-mode\n        value: monitor',
    ],
    [
      'with a block of text at the end',
      `${head} a: |\n   x\n`,
      ' options:\n - name: policy-mode\n   value: monitor',
    ],
  ]) {
    it(`inserts lines only: ${name}`, async () => {
      assert.equal(newLines(await withMode(old, 'monitor'), old).join('\n'), added)
    })
  }

  it('changes the value only', async () => {
    const old = `${head}  Options:\n\n  - Name:   policy-mode\n    Value:  "monitor"   # quiet\n  a: 1\n`
    assert.equal(await withMode(old, 'enforce'), old.replace('"monitor"', 'enforce'))
  })

  for (const old of [
    '{"spec": {"a": 1}}',
    '{spec: {options: [{name: "policy-x", value: 1}], a: 1}}',
    'spec:\n  options: []\n  a: 1\n',
    'spec:\n  options: [{name: policy-x, value: 1}]\n',
    'spec:\n  options:\n  - &a {name: x-y, value: 1}\n  b: *a\n',
    'spec:\n  options:\n  - name: policy-mode\n',
    'spec: {}',
  ]) {
    it(`writes the mode into ${JSON.stringify(old)}`, async () => {
      const { options, ...others } = parse(await withMode(old, 'monitor')).spec
      const { options: before = [], ...same } = parse(old).spec
      const kept = before.filter(({ name }: { name: string }) => name !== 'policy-mode')
      assert.deepEqual(options, [...kept, { name: 'policy-mode', value: 'monitor' }])
      assert.deepEqual(others, same)
    })
  }

  it('keeps the lines of all policies of the library', async () => {
    const folder = fileURLToPath(new URL('../../../../policies', import.meta.url))
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const files = names.filter((name) => name.endsWith('.yaml'))
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))
    const policies = texts.filter((text) => /^spec:/m.test(text) && !/^---/m.test(text))
    assert.ok(policies.length > 20)
    for (const old of policies) {
      const lines = (await withMode(old, 'monitor')).split('\n')
      const changed = old.split('\n').filter((line) => !lines.includes(line))
      assert.ok(changed.length <= 1, changed.join('\n'))
    }
  })
})
