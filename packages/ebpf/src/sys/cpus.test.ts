import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onlineCpus, parseCpus, possibleCpus } from './cpus.ts'

test('lists of CPUs have ranges', () => {
  assert.deepEqual(parseCpus('0\n'), [0])
  assert.deepEqual(parseCpus('0-2,5,7-8\n'), [0, 1, 2, 5, 7, 8])
  for (const list of ['\n', '0,\n', 'all\n']) {
    assert.throws(() => parseCpus(list), /read list of CPUs: invalid list/)
  }
})

test('CPUs that are online are possible', () => {
  const online = onlineCpus()
  assert.ok(online.length > 0 && online.every((cpu) => cpu < possibleCpus()))
})
