import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareVersions } from './schema-version.ts'

test('versions of schemas are compared by number', () => {
  const ours = '1.8.100'
  for (const newer of ['1.8.101', '1.9.0', '2.0.0', 'v1.10.0', '1.8.1000-rc.1']) {
    assert.ok(compareVersions(newer, ours) > 0, newer)
  }
  for (const older of ['1.8.99', '1.7.200', '0.99.999', '1.8.11']) {
    assert.ok(compareVersions(older, ours) < 0, older)
  }
  assert.equal(compareVersions('1.8.100', ours), 0)
})

test('anything else is older than every version', () => {
  for (const text of ['', 'latest', '1.8', '1.8.100.1', '9'.repeat(400), '1.8.x', ' 9.9.9']) {
    assert.ok(compareVersions(text, '0.0.1') < 0, text)
  }
})
