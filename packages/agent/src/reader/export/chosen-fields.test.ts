import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  chooseFields,
  type FieldChoice,
  fieldChoices,
  keepChosen,
} from '@tetragon-ts/policy/filters'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { ChosenFields, prepareChoice } from './chosen-fields.ts'

/** The filtered value, between other bytes. */
function copied(value: unknown, choice: FieldChoice): unknown {
  const to = new ByteWriter()
  const before = 'before'
  const bytes = Buffer.from(`x${before}${JSON.stringify(value)}}after`)
  const end = bytes.length - 'after'.length
  const object = 1 + before.length
  new ChosenFields(to).copy(bytes, 1, object, end, prepareChoice(choice))
  const text = to.bytes.toString('utf8', 0, to.length)
  assert.ok(text.startsWith(before) && text.endsWith('}'), text)
  return JSON.parse(text.slice(before.length, -1))
}

// Not a lone backslash next to the quote: after an object with that key, JSON.parse of Node.js 24
// takes it for `"`.
const name = fc.constantFrom('a', 'b', 'c', 'ä', '"', 'x\\', '__proto__', '')
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.constantFrom(0, -1.5e300, 7, true, false, null, '\\"', ']}', ',', {}, []),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map((all) => Object.fromEntries(all)),
  ),
})).value
const choice: fc.Arbitrary<FieldChoice> = fc.letrec<{ choice: FieldChoice }>((tie) => ({
  choice: fc.record({
    others: fc.boolean(),
    named: fc
      .array(
        fc.tuple(
          name,
          fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.boolean(), tie('choice')),
        ),
        { maxLength: 4 },
      )
      .map((all) => new Map<string, boolean | FieldChoice>(all)),
  }),
})).choice

describe('chosen fields', () => {
  it('are those that a selection keeps of the parsed value', () => {
    fc.assert(
      fc.property(value, choice, (value, choice) => {
        const same = JSON.parse(JSON.stringify(value))
        assert.deepEqual(copied(same, choice), keepChosen(same, choice))
      }),
      { numRuns: 3000 },
    )
  })

  it('are copied unchanged', () => {
    const process = { pid: 3, binary: '/bin/ls', pod: { name: 'p', labels: { a: '1' } } }
    const fields = 'process.pid,process.pod.name'
    const choices = fieldChoices([{ fields }, { fields: 'process.pod', action: 'EXCLUDE' }])
    const choice = choices.get('process_exec') ?? chooseFields([])
    assert.deepEqual(copied({ process, parent: process }, choice), { process: { pid: 3 } })
  })
})
