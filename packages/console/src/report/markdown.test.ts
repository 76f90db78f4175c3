import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeUnprintable } from '@tetragon-ts/api'
import fc from 'fast-check'
import { readInline, readReport, readRow } from '../testing/markdown-reader.ts'
import { cellCode, code, codeBlock, table } from './markdown.ts'

/** Pieces of which markup, rows and links are made, and any other characters. */
const piece = fc.oneof(
  fc.constantFrom(
    ...['|', '\\', '`', '``', '\n', '\r\n', '\u2028', ' ', '<script>', '<!--', '&lt;', '\u202e'],
    ...['![x](http://a.example/x.png)', '[a](javascript:alert(1))', 'https://a.example', '@all'],
    ...['| --- |', '# ', '- ', '> ', '~~~', '$$', '[^1]: ', '\x1b[2J', '\0', '\ud800', '</td>'],
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const hostile = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''))

test('a value is one code span, whatever it is', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const { shape, values } = readInline(code(value))
      assert.equal(shape, value === '' ? '–' : 'V')
      assert.deepEqual(values, value === '' ? [] : [escapeUnprintable(value)])
    }),
  )
})

test('a value is one cell of one row, whatever it is', () => {
  fc.assert(
    fc.property(hostile, hostile, (a, b) => {
      const text = table(['x', 'y', 'z'], [[cellCode(a), 'own', cellCode(b)]])
      const lines = text.split(/\r\n|[\r\n]/)
      assert.equal(lines.length, 3)
      const cells = readRow(lines[2])
      const shapes = [a, b].map((value) => (value === '' ? '–' : 'V'))
      assert.deepEqual(
        cells.map(({ shape }) => shape),
        [shapes[0], 'own', shapes[1]],
      )
      const read = cells.flatMap(({ values }) => values).map(withoutEscapedBars)
      const values = [a, b].filter((value) => value !== '')
      assert.deepEqual(read, values.map(escapeUnprintable).map(withoutEscapedBars))
    }),
  )
})

/** A bar after a backslash is an escape sequence. */
function withoutEscapedBars(text: string): string {
  return text.replaceAll('\\x7c', '|')
}

test('a pipe of a command stays a pipe', () => {
  assert.equal(cellCode('ps | grep `id`'), '`` ps \\| grep `id` ``')
  assert.deepEqual(readRow(`| ${cellCode('a || b')} |`)[0].values, ['a || b'])
})

test('a note is one block with its lines, whatever it is', () => {
  fc.assert(
    fc.property(hostile, (note) => {
      const { shape, values } = readReport(`${codeBlock(note)}\nown`)
      assert.equal(shape, 'B\nown')
      assert.deepEqual(values, note.split(/\r?\n/).map(escapeUnprintable))
    }),
  )
})

test('long values are cut', () => {
  assert.equal(code('x'.repeat(1000), 10), `\`${'x'.repeat(10)}…\``)
})
