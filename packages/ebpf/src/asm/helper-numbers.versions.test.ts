import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Btf, BtfError } from '../testing/index.ts'
import { helper } from './helper-numbers.ts'

test('helpers have the numbers of the running kernel', (t) => {
  let btf: Btf
  try {
    btf = Btf.open()
  } catch (error) {
    if (error instanceof BtfError && error.code === 'EBPF_BTF_READ') return t.skip(error.message)
    throw error
  }
  // One enum: a search of all for each name takes an emulated processor long.
  const id = btf.find('bpf_func_id', 'enum') ?? assert.fail('no bpf_func_id')
  const type = btf.type(id)
  assert.ok(type.kind === 'enum')
  const numbers = new Map(type.values.map(({ name, value }) => [name, value]))
  assert.equal(numbers.get('BPF_FUNC_map_lookup_elem'), 1)
  // An older kernel ends earlier, but what it has must agree.
  const last = Number(numbers.get('__BPF_FUNC_MAX_ID'))
  assert.ok(last > 100)
  for (const [name, number] of Object.entries(helper)) {
    if (number < last) assert.equal(numbers.get(`BPF_FUNC_${name}`), number, name)
  }
})
