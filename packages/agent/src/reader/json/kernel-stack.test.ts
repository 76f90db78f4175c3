import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KernelSymbolTable } from './kernel-stack.ts'

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

test('a stack begins with the function that has the tracepoint', () => {
  const names = ['__bpf_trace_sys_enter', '__traceiter_sys_enter', 'syscall_trace_enter']
  const lines = names.map((name, i) => `ffffffff8100000${i} t ${name}\n`)
  const stack = [0, 1, 2, 2].map((i) => 0xffffffff81000000n + BigInt(i))
  const table = new KernelSymbolTable(lines.join(''))
  assert.deepEqual(table.fromHook(stack), stack.slice(2))
  assert.deepEqual(table.fromHook(stack.slice(2)), stack.slice(2))
  assert.deepEqual(table.fromHook([]), [])
})

test('a stack begins at the hook, whatever lies in front of the programs that were loaded', () => {
  const kernel = `${text}ffffffff81000200 T _etext\n`
  const module =
    'loop 4096 0 - Live 0xffffffffc0201000\nother 8192 1 loop, Live 0xffffffffc0300000 (E)\n'
  const table = new KernelSymbolTable(kernel, module)
  const [program, trampoline] = [0xffffffffc0100000n, 0xffffffffc0202004n]
  const callers = [0xffffffff81000110n, 0xffffffff81000000n]
  assert.deepEqual(table.fromHook([trampoline, ...callers]), callers)
  assert.deepEqual(table.fromHook([program, trampoline, ...callers]), callers)
  assert.deepEqual(table.fromHook(callers), callers)
  const inModule = [0xffffffffc0201010n, ...callers]
  assert.deepEqual(table.fromHook([trampoline, ...inModule]), inModule)
  // Where only programs are found, or the code of the kernel is unknown, all is shown.
  assert.deepEqual(table.fromHook([trampoline]), [trampoline])
  assert.deepEqual(new KernelSymbolTable(text).fromHook([trampoline]), [trampoline])
})

test('without addresses nothing is found', () => {
  assert.equal(new KernelSymbolTable('0000000000000000 T _stext\n').find(5n), undefined)
})
