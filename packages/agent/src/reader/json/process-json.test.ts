import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { joinArguments } from '../../processes/join-arguments.ts'
import { writeArguments } from './process-json.ts'

function write(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const out = new ByteWriter()
  out.byte(0x22)
  writeArguments(out, bytes, from, to)
  out.byte(0x22)
  return out.bytes.toString('utf8', 0, out.length)
}

const argument = fc.oneof(
  fc.string({ unit: fc.constantFrom(' ', '"', 'a', '\\', '\n', 'é'), maxLength: 8 }),
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
)

it('writes what the API joins', () => {
  fc.assert(
    fc.property(argument, fc.array(argument), (name, args) => {
      const bytes = Buffer.from([name, ...args].map((text) => `${text}\0`).join(''))
      assert.equal(write(bytes), JSON.stringify(joinArguments(args)))
    }),
    { numRuns: 1000 },
  )
})

it('takes a last argument without its zero byte', () => {
  assert.equal(write(Buffer.from('name\0one\0two words')), '"one \\"two words\\""')
})

it('writes nothing without arguments', () => {
  for (const text of ['', 'name', 'name\0']) assert.equal(write(Buffer.from(text)), '""')
})

it('reads nothing outside of its stretch', () => {
  assert.equal(write(Buffer.from('xx name\0one\0two\0'), 3, 11), '"one"')
})
