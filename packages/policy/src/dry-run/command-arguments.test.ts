import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Process } from '@tetragon-ts/api'
import type { CommandArgumentMatch } from '../model/index.ts'
import { commandCondition, matchesCommand } from './command-arguments.ts'
import type { RecordedCall } from './recorded-call.ts'

function match(fields: Partial<CommandArgumentMatch>): CommandArgumentMatch {
  const defaults = { index: 0, how: 'equal', ignoreCase: false, negated: false, values: ['a'] }
  return { path: 'p', ...defaults, ...fields } as CommandArgumentMatch
}

function truth(fields: Partial<CommandArgumentMatch>, caller: Partial<Process>) {
  return commandCondition(match(fields)).test({ caller } as RecordedCall)
}

test('arguments by index, or all', () => {
  assert.equal(matchesCommand(match({}), ['a', 'b']), true)
  assert.equal(matchesCommand(match({ index: 1 }), ['a', 'b']), false)
  assert.equal(matchesCommand(match({ index: 2 }), ['a', 'b']), false)
  assert.equal(matchesCommand(match({ index: 'any', values: ['b'] }), ['a', 'b']), true)
  assert.equal(matchesCommand(match({ index: 'any', values: [''] }), []), false)
  assert.equal(matchesCommand(match({ how: 'prefix', values: ['Ab'] }), ['abc']), false)
  const anyCase = { how: 'prefix', values: ['Ab'], ignoreCase: true } as const
  assert.equal(matchesCommand(match(anyCase), ['aBc']), true)
  // Characters of more than a byte are compared by their bytes.
  const bytes = Buffer.from('\u00e4x').toString('latin1')
  assert.equal(matchesCommand(match({ how: 'postfix', values: ['x'] }), [bytes]), true)
  assert.equal(matchesCommand(match({ values: ['\u00e4x'] }), [bytes]), true)
})

test('recorded arguments decide, unless they are joined ambiguously or incomplete', () => {
  assert.equal(truth({}, { arguments: 'a b' }), true)
  assert.equal(truth({ negated: true }, { arguments: 'a b' }), false)
  assert.equal(truth({ index: 1, negated: true }, { arguments: 'a' }), true)
  assert.equal(truth({}, {}), false)
  assert.equal(truth({}, { arguments: '"a b" c' }), undefined)
  assert.equal(truth({}, { arguments: '--password=*****' }), undefined)
  assert.equal(truth({}, { arguments: 'a', flags: 'execve truncArgs' }), undefined)
  assert.equal(truth({}, { arguments: 'a', flags: 'execve errorArgs' }), undefined)
  assert.equal(truth({}, { arguments: `a ${'b'.repeat(5000)}` }), undefined)
})
