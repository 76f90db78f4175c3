import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KernelSymbolTable } from './kernel-stack.ts'
import { mappedFrame } from './user-stack.ts'

const text = `ffffffff81000000 T _stext
ffffffffc0201000 t helper\t[loop]
ffffffff81000100 t second
ffffffff81000080 D some_data
0000000000000000 T hidden
`

test('an address belongs to the function that starts before it', () => {
  const table = new KernelSymbolTable(text)
  assert.deepEqual(table.find(0xffffffff81000000n), { symbol: '_stext', offset: 0, module: '' })
  assert.deepEqual(table.find(0xffffffff810000ffn), { symbol: '_stext', offset: 255, module: '' })
  assert.deepEqual(table.find(0xffffffff81000100n), { symbol: 'second', offset: 0, module: '' })
  assert.deepEqual(table.find(0xffffffffc0201004n), { symbol: 'helper', offset: 4, module: 'loop' })
  assert.equal(table.find(0xffffffff80ffffffn), undefined)
})

test('without addresses nothing is found', () => {
  assert.equal(new KernelSymbolTable('0000000000000000 T _stext\n').find(5n), undefined)
})

test('an address of a process is an offset in the file that is mapped there', () => {
  const maps = `55d0c0000000-55d0c0002000 r--p 00000000 fd:00 12 /usr/bin/cat
55d0c0002000-55d0c0006000 r-xp 00002000 fd:00 12 /usr/bin/cat
7ffc11000000-7ffc11021000 rw-p 00000000 00:00 0 [stack]
7ffc12000000-7ffc12001000 r-xp 00000000 00:00 0
`
  const inCode = { symbol: '', offset: 0x2010, module: '/usr/bin/cat' }
  assert.deepEqual(mappedFrame(maps, 0x55d0c0002010n), inCode)
  assert.deepEqual(mappedFrame(maps, 0x7ffc12000004n), { symbol: '', offset: 4, module: '' })
  assert.equal(mappedFrame(maps, 0x55d0c0006000n), undefined)
})
