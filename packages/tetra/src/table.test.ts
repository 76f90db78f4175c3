import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tableLines } from './table.ts'

describe('a table', () => {
  it('has aligned columns of printable cells', () => {
    const rows = [
      ['NAME', 'N', 'WHY'],
      ['a\x1b', '10', ''],
      ['long name', '5'],
    ]
    assert.deepEqual(tableLines(rows, new Set([1])), [
      'NAME         N   WHY',
      'a\\x1b       10',
      'long name    5',
    ])
    assert.deepEqual(tableLines([]), [])
  })

  it('has narrow columns beside a cell of any length', () => {
    const long = 'x'.repeat(1 << 20)
    assert.deepEqual(
      tableLines([
        ['A', 'B'],
        [long, '1'],
        ['y'.repeat(4), '2'],
      ]),
      ['A      B', `${long}   1`, 'yyyy   2'],
    )
  })

  it('has any number of rows, such as the containers of a cluster', () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => [String(i), 'x'])
    assert.equal(tableLines(rows).at(-1), '199999   x')
  })
})
