import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import { formatDiagnostics } from '../diagnostics/format.ts'
import { goodPolicy, kprobeText, policyText } from '../testing/policies.ts'
import { readPolicies } from './policy-document.ts'

const fill = (unit: string, length = 900_000) => unit.repeat(length / unit.length)
const numbered = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('')

const withValues = (values: string) =>
  kprobeText(
    `args: [{index: 1, type: string}]\nselectors:\n- matchArgs:\n  - {index: 1, operator: Equal, values: [${values}]}`,
  )

/** A policy from any source. */
function isFine(text: string): void {
  assert.deepEqual(readPolicies(text, 'f', 'stranger').diagnostics, [])
  goodPolicy(text)
}

describe('a long text', () => {
  it('is read if it is a policy', () => {
    const values = numbered(20_000, (i) => `"/usr/share/${i}", `)
    assert.ok(values.length > 300 * 1024)
    isFine(withValues(values))
    const selectors = numbered(
      40,
      (s) => `
- matchBinaries:
  - {operator: NotIn, values: [/bin/${s}]}
  matchArgs:
  - index: 1
    operator: Prefix
    values:
${numbered(500, (i) => `    - /srv/${s}/${i}\n`)}`,
    )
    isFine(kprobeText(`args: [{index: 1, type: string}]\nselectors:${selectors}`))
    isFine(`${fill('# what it is for\n')}${withValues('/x')}`)
  })

  for (const [name, text, line, column, message] of [
    ['[', policyText(`a: ${fill('[')}`), 6, 106, /nested too deeply/],
    ['-', fill('- '), 1, 201, /nested too deeply/],
    ['many values', withValues(fill('1,')), 12, undefined, /too long: more than 200000/],
    ['many empty lines', fill('\r\n'), 200_001, 1, /more than 200000 lines/],
    ['aliases', `a: &a x\nb: [${fill('*a,')}]`, 2, undefined, /too long/],
    ['documents', fill('---\na: 1\n'), 2001, 1, /more than 1000 documents/],
  ] as const) {
    it(`is refused at the limit: ${name}`, async () => {
      let read = readPolicies('', 'f', 'stranger')
      const cost = await relativeCost(() => {
        read = readPolicies(text, 'f', 'stranger')
      })
      assert.ok(cost < 500, `${cost}`)
      const { documents, diagnostics } = read
      assert.equal(documents.length, 0)
      assert.equal(diagnostics.length, 1)
      assert.equal(diagnostics[0].code, 'POLICY_YAML')
      assert.match(diagnostics[0].message, message)
      assert.equal(diagnostics[0].line, line)
      if (column !== undefined) assert.equal(diagnostics[0].column, column)
    })
  }

  for (const [name, text, told] of [
    ['fields that there are not', policyText(numbered(60_000, (i) => `k${i}: 1\n`)), 101],
    ['values that are none', kprobeText(`args: [${fill('{index: z},', 200_000)}]`), 101],
    [
      'merge keys',
      policyText(`x: &a {${numbered(30_000, (i) => `k${i}: 1,`)}}\n<<: [${fill('*a,', 200_000)}]`),
      101,
    ],
    [
      'names of a megabyte, by alias',
      policyText(
        `lists:\n- {name: &a ${fill('k', 400_000)}, type: x, values: [y]}\nkprobes:\n${fill('- {call: sys_x, ? *a : 1}\n', 50_000)}`,
      ),
      101,
    ],
    ['documents with errors', `${fill('---\n', 3000)}${fill(`---\n${fill('a: 1\n', 500)}`)}`, 200],
  ] as const) {
    it(`is refused quickly, with at most a hundred errors: ${name}`, async () => {
      let shown = ''
      const cost = await relativeCost(() => {
        const { diagnostics } = readPolicies(text, 'f', 'stranger')
        assert.ok(diagnostics.length <= told, `${diagnostics.length}`)
        shown = formatDiagnostics(diagnostics, text)
      })
      assert.ok(shown.length < 1_000_000)
      assert.match(shown, /f:\d+:\d+: error: /)
      assert.ok(cost < 500, `${cost}`)
    })
  }
})
