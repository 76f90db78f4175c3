import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTraceable } from './traceable.ts'

test('traceable functions are listed without their modules', () => {
  const lines = 'tcp_connect\nnf_hook [nf_tables]\nfoo.isra.0\n'
  assert.deepEqual(parseTraceable(lines), ['tcp_connect', 'nf_hook', 'foo.isra.0'])
  assert.deepEqual(parseTraceable(''), [])
})
