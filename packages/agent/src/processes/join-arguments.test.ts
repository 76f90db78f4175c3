import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinArguments } from './join-arguments.ts'

test('arguments are joined, those with a blank in quotes', () => {
  assert.equal(joinArguments([]), '')
  assert.equal(joinArguments(['-r', '.bundle']), '-r .bundle')
  assert.equal(joinArguments(['--host', '', '--port']), '--host  --port')
  assert.equal(joinArguments(['', 'tail0']), 'tail0')
  assert.equal(joinArguments(['', '', 'x', '', 'y', '']), 'x  y ')
  assert.equal(joinArguments(['', 'a b']), ' "a b"')
  assert.equal(joinArguments(['-c', 'echo hi', 'x']), '-c "echo hi" x')
  assert.equal(joinArguments(['echo hi', 'x']), ' "echo hi" x')
})
