import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { arrayOf, s8, s16, s32, s64, tail, u8, u16, u32, u64 } from './field-type.ts'
import { reader, recordMemory } from './reader.ts'
import { type FieldType, type RecordType, record, type Shape } from './record.ts'

/** A field of a reader, as far as the comparison needs it. */
type Read = Readonly<Record<string, unknown>>
interface Elements {
  readonly length: number
  at(index: number): number
}

const scalars = [u8, s8, u16, s16, u32, s32, u64, s64] as const
const scalar = fc.constantFrom(...scalars)
/** Not a member that all objects or readers have. */
const names = fc.stringMatching(/^f[a-z"'`${}/;\\ ]{0,12}$/)
const array = fc
  .tuple(fc.constantFrom(u8, s16, u32), fc.integer({ min: 1, max: 4 }))
  .map(([element, length]) => arrayOf(element, length))

function shapeOf(fields: fc.Arbitrary<FieldType>): fc.Arbitrary<Shape> {
  return fc.dictionary(names, fields, { minKeys: 1, maxKeys: 6, noNullPrototype: true })
}

const inner = shapeOf(fc.oneof(scalar, array)).map((shape) => record('inner', shape))
const outer = shapeOf(fc.oneof(scalar, array, inner)).map((shape) => {
  return record('outer', { ...shape, T1: tail, T2: tail })
})

/** Compares what the cursor reads with what the codec decodes. */
function compare(type: RecordType, fields: Read, decoded: Read): void {
  for (const { name, type: field } of type.fields) {
    const [read, value] = [fields[name], decoded[name]]
    if (field.kind === 'scalar') assert.equal(read, Number(value))
    else if (field.kind === 'record') compare(field, read as Read, value as Read)
    else if (field.kind === 'array') {
      const elements = read as Elements
      const all = Array.from({ length: elements.length }, (_, index) => elements.at(index))
      assert.deepEqual(all, value)
    }
    if (field.kind !== 'scalar' || field.size !== 8) continue
    const bits = BigInt.asUintN(64, BigInt(value as bigint | number))
    assert.equal(fields[`${name}Low`], Number(bits & 0xffff_ffffn))
    assert.equal(fields[`${name}High`], Number(bits >> 32n))
  }
}

describe('a reader of records', () => {
  it('reads what the codec decodes, at any position', () => {
    const bytes = fc.uint8Array({ minLength: 1024, maxLength: 1024 })
    fc.assert(
      fc.property(outer, bytes, fc.nat(4), (type, content, position) => {
        const memory = recordMemory(content.slice().buffer)
        const view = new DataView(memory.bytes.buffer)
        const start = 8 * position
        const [first, second] = type.tails
        view.setUint32(start + first!.offset, 5, true)
        view.setUint32(start + second!.offset, 7, true)
        const fields = reader(type, memory)
        fields.at(start)
        compare(type, fields, type.decode(view, start))
        assert.deepEqual([fields.T1.offset, fields.T1.length], [start + type.size, 5])
        assert.deepEqual([fields.T2.offset, fields.T2.length], [start + type.size + 5, 7])
      }),
    )
  })

  it('reads each record of more types than are kept', () => {
    const memory = recordMemory(new Uint8Array(64).fill(1).buffer)
    const readers = Array.from({ length: 600 }, (_, i) => {
      const shape = { [`field${i}`]: u8, other: u16 }
      return reader(record('many', shape), memory) as Read
    })
    readers.forEach((fields, i) => {
      assert.deepEqual([fields[`field${i}`], fields.other], [1, 0x101])
    })
  })
})
