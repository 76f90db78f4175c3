import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectedMode } from './host-probes.ts'

test('finds the mode in brackets', () => {
  assert.equal(selectedMode('[none] integrity confidentiality'), 'none')
  assert.equal(selectedMode('none [integrity] confidentiality'), 'integrity')
  assert.equal(selectedMode(''), undefined)
})
