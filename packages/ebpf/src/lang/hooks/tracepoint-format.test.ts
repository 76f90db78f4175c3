import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTracepointFormat } from './tracepoint-format.ts'

const text = `name: example
ID: 365
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
\tfield:const char * name;\toffset:16;\tsize:8;\tsigned:0;
\tfield:unsigned long args[6];\toffset:24;\tsize:48;\tsigned:0;
\tfield:char comm[TASK_COMM_LEN];\toffset:72;\tsize:16;\tsigned:0;
\tfield:__u8 saddr_v6[16];\toffset:88;\tsize:16;\tsigned:0;

print fmt: "filename=%s", __get_str(filename)
`

test('reads scalars, pointers, arrays and data elsewhere in the record', () => {
  const fields = parseTracepointFormat(text)
  const short = fields.map(({ name, type, kind, offset, size, signed, length }) =>
    [name, type, kind, offset, size, signed, length].join(),
  )
  assert.deepEqual(short, [
    'common_type,unsigned short,scalar,0,2,false,1',
    'common_pid,int,scalar,4,4,true,1',
    'filename,__data_loc char[],data_loc,8,4,false,1',
    'name,const char *,pointer,16,8,false,1',
    'args,unsigned long[6],array,24,48,false,6',
    'comm,char[TASK_COMM_LEN],array,72,16,false,16',
    'saddr_v6,__u8[16],array,88,16,false,16',
  ])
})

test('never throws', () => {
  fc.assert(fc.property(fc.string(), (garbage) => void parseTracepointFormat(text + garbage)))
})
