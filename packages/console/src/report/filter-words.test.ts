import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterWords } from './filter-words.ts'

test('says each condition of a filter', () => {
  const filter = 'curl -kind:exit pod:=default/xwing binary:/usr/* level:medium tree:12 -"a b"'
  assert.deepEqual(filterWords(`${filter} cel: process_exec.process.uid == 0u`), [
    'a text contains `curl`',
    'not: kind contains `exit`',
    'pod is `default/xwing`',
    'binary matches `/usr/*`',
    'level medium or above',
    'the process with pid `12`, or one below it',
    'not: a text contains `a b`',
    'CEL expression: `process_exec.process.uid == 0u`',
  ])
  assert.deepEqual(filterWords(''), [])
})
