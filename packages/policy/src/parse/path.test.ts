import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { itemPath, memberPath, pathSteps } from './path.ts'

test('paths are split', () => {
  assert.deepEqual(pathSteps('spec.kprobes[0].args[12].type'), [
    ...['spec', 'kprobes', 0, 'args', 12, 'type'],
  ])
  assert.deepEqual(pathSteps('metadata.labels["a.b/c"]'), ['metadata', 'labels', 'a.b/c'])
  assert.deepEqual(pathSteps(''), [])
})

test('any steps are restored', () => {
  const step = fc.oneof(fc.nat(), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const path = steps.reduce<string>(
        (at, each) => (typeof each === 'number' ? itemPath(at, each) : memberPath(at, each)),
        '',
      )
      assert.deepEqual(pathSteps(path), steps)
    }),
  )
})
