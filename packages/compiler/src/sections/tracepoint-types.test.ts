import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTracepointFormat } from '@tetragon-ts/ebpf/lang'
import { typeOf } from './tracepoint-types.ts'

function types(...declarations: string[]): string[] {
  return declarations.map((declaration) => {
    const [field] = parseTracepointFormat(`\tfield:${declaration};\n`)
    return typeOf(field, false)
  })
}

test('integers by size and sign', () => {
  assert.deepEqual(
    types(
      'pid_t pid;\toffset:8;\tsize:4;\tsigned:1',
      'unsigned int flags;\toffset:8;\tsize:4;\tsigned:0',
      'long id;\toffset:8;\tsize:8;\tsigned:1',
      'u64 addr;\toffset:8;\tsize:8;\tsigned:0',
      'bool ok;\toffset:8;\tsize:1;\tsigned:0',
      'short family;\toffset:8;\tsize:2;\tsigned:1',
      'size_t bytes;\toffset:8;\tsize:8;\tsigned:0',
    ),
    ['sint32', 'uint32', 'sint64', 'uint64', 'uint8', 'sint16', 'size_t'],
  )
})

test('pointers, arrays and data elsewhere', () => {
  assert.deepEqual(
    types(
      'const char * filename;\toffset:8;\tsize:8;\tsigned:0',
      'const void * skaddr;\toffset:8;\tsize:8;\tsigned:0',
      'unsigned long args[6];\toffset:8;\tsize:48;\tsigned:0',
      'char comm[16];\toffset:8;\tsize:16;\tsigned:0',
      '__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:0',
    ),
    ['string', 'size_t', 'const_buf', 'string', 'data_loc'],
  )
  const [buffer] = parseTracepointFormat(
    '\tfield:const char * buf;\toffset:8;\tsize:8;\tsigned:0;\n',
  )
  assert.equal(typeOf(buffer, true), 'char_buf')
})
