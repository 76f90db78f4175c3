import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LineSplitter } from './line-splitter.ts'

function split(chunks: readonly Buffer[], longest = 1000): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter(
    {
      line: (buffer, start, end) => lines.push(buffer.toString('latin1', start, end)),
      tooLong: () => lines.push('(too long)'),
    },
    longest,
  )
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

test('lines are complete wherever chunks end', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '\0'), maxLength: 8 })
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), cuts, (lines, ended, cuts) => {
      const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''), 'latin1')
      const borders = [...cuts.filter((at) => at < bytes.length), bytes.length].sort(
        (a, b) => a - b,
      )
      const chunks = borders.map((at, i) => bytes.subarray(borders[i - 1] ?? 0, at))
      const expected = bytes.length === 0 ? [] : bytes.toString('latin1').split('\n')
      if (expected.at(-1) === '') expected.pop()
      assert.deepEqual(split(chunks), expected)
    }),
    { numRuns: 1000 },
  )
})

test('a line that is too long is skipped, wherever chunks end', () => {
  const text = 'abc\nabcdefgh\nxyz\nabcdef'
  const expected = ['abc', '(too long)', 'xyz', '(too long)']
  for (let size = 1; size <= text.length; size++) {
    const chunks: Buffer[] = []
    for (let at = 0; at < text.length; at += size)
      chunks.push(Buffer.from(text.slice(at, at + size)))
    assert.deepEqual(split(chunks, 5), expected, `chunks of ${size}`)
  }
})
