import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSince } from './read-since.ts'

const now = Date.parse('2026-01-31T12:00:00Z')

test('a duration before now, or a time', () => {
  assert.equal(readSince('1h', now), '2026-01-31T11:00:00.000Z')
  assert.equal(readSince('1m30s', now), '2026-01-31T11:58:30.000Z')
  assert.equal(readSince('2026-01-30T00:00:00+01:00', now), '2026-01-29T23:00:00.000Z')
  assert.equal(readSince('9999999999h', now), '1970-01-01T00:00:00.000Z')
  assert.equal(readSince('2026-01-30', now), '2026-01-30T00:00:00.000Z')
})

test('other texts are refused', () => {
  for (const text of ['yesterday', '2026-01-30Tx', '2026-13-01', '1', '']) {
    assert.throws(() => readSince(text, now), { name: 'BadValue' }, text)
  }
})
