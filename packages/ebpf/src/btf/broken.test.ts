import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Btf } from './btf.ts'
import { BtfBuilder } from './builder.ts'
import { BtfError } from './error.ts'
import { sampleBtf } from './sample.test-data.ts'

const { bytes: sample } = sampleBtf()

/** Runs it and says whether it failed with a BtfError; any other failure is thrown on. */
function fails(action: () => unknown): boolean {
  try {
    action()
    return false
  } catch (error) {
    if (error instanceof BtfError) return true
    throw error
  }
}

/** Asks everything of a BTF; each answer is a value or a BtfError. */
function exercise(btf: Btf): void {
  for (let id = 0; id <= btf.endId; id++) {
    fails(() => btf.type(id))
    fails(() => btf.resolve(id))
    fails(() => btf.sizeOf(id))
    fails(() => btf.describe(id))
    fails(() => btf.member(id, 'high'))
    fails(() => btf.memberPath(id, 'nodes[1].comm[2]'))
  }
  for (const name of ['node', 'visit', 'x', '\u00ff']) {
    fails(() => btf.find(name, ['struct', 'func']))
    fails(() => btf.prototype(name))
    fails(() => btf.enumerator(name))
  }
  fails(() => btf.tracepointPrototype('walk'))
  fails(() => [...btf.functions()])
}

test('invalid headers are distinguished', () => {
  const change = (at: number, value: number) => {
    const bytes = Uint8Array.from(sample)
    new DataView(bytes.buffer).setUint32(at, value, true)
    return () => Btf.parse(bytes)
  }
  assert.throws(() => Btf.parse(new Uint8Array(0)), { code: 'EBPF_BTF_TRUNCATED' })
  assert.throws(() => Btf.parse(sample.subarray(0, 100)), { code: 'EBPF_BTF_TRUNCATED' })
  assert.throws(change(0, 0x1_9feb), { code: 'EBPF_BTF_BAD_MAGIC' })
  assert.throws(change(0, 0x2_eb9f), { code: 'EBPF_BTF_BAD_MAGIC' })
  assert.throws(change(12, 0xffff_fffc), { code: 'EBPF_BTF_TRUNCATED' })
  assert.throws(change(20, 0xffff_ffff), { code: 'EBPF_BTF_TRUNCATED' })
  assert.throws(change(24 + 4, 31 << 24), { code: 'EBPF_BTF_BAD_KIND' })
  assert.throws(change(24 + 4, (4 << 24) | 0xffff), { code: 'EBPF_BTF_TRUNCATED' })
  const endless = Uint8Array.from(sample)
  endless[endless.length - 1] = 1
  assert.throws(() => Btf.parse(endless), { code: 'EBPF_BTF_BAD_STRING' })
})

test('a file that is not there is an error with its path', () => {
  assert.throws(() => Btf.open('/sys/kernel/btf/no/such'), {
    code: 'EBPF_BTF_READ',
    message: /^read BTF \/sys\/kernel\/btf\/no\/such: ENOENT/,
  })
})

test('bytes that do not start at a multiple of four are read as well', () => {
  for (const shift of [1, 2, 3]) {
    const shifted = new Uint8Array(sample.length + shift).subarray(shift)
    shifted.set(sample)
    assert.ok(Btf.parse(shifted).find('node', 'struct'))
  }
})

test('types that contain themselves end in an error', () => {
  const builder = new BtfBuilder()
  const loop = builder.typedef('loop', builder.nextId)
  const array = builder.array(builder.nextId, 0, 2)
  const struct = builder.struct('', 8, [
    { name: '', typeId: builder.nextId, bitOffset: 0 },
    { name: '', typeId: builder.nextId, bitOffset: 8 },
  ])
  const pointer = builder.pointer(builder.nextId)
  const first = builder.nextId
  const doubling = Array.from({ length: 60 }, (_, index) => {
    const typeId = first + ((index + 1) % 60)
    return builder.funcProto(typeId, [{ name: 'x', typeId }])
  })
  const btf = Btf.parse(builder.bytes())
  assert.throws(() => btf.resolve(loop), { code: 'EBPF_BTF_CYCLE' })
  assert.throws(() => btf.sizeOf(loop), { code: 'EBPF_BTF_CYCLE' })
  assert.throws(() => btf.sizeOf(array), { code: 'EBPF_BTF_CYCLE' })
  assert.throws(() => btf.describe(array), { code: 'EBPF_BTF_CYCLE' })
  assert.throws(() => btf.describe(doubling[0]), { code: 'EBPF_BTF_CYCLE' })
  assert.throws(() => btf.describe(pointer), { code: 'EBPF_BTF_CYCLE' })
  assert.equal(btf.member(struct, 'x'), undefined)
})

test('chains of anonymous structs neither overflow the stack nor take forever', () => {
  const builder = new BtfBuilder()
  for (let count = 0; count < 20_000; count++) {
    builder.struct('', 8, [
      { name: '', typeId: builder.nextId + 1, bitOffset: 0 },
      { name: '', typeId: builder.nextId + 2, bitOffset: 0 },
    ])
  }
  const btf = Btf.parse(builder.bytes())
  assert.throws(() => btf.member(1, 'x'), { code: 'EBPF_BTF_CYCLE' })
})

test('one absurdly long name for all types costs little', () => {
  const builder = new BtfBuilder()
  const name = 'x'.repeat(1 << 20)
  for (let count = 0; count < 50_000; count++) builder.typedef(name, 0)
  const btf = Btf.parse(builder.bytes())
  // To compare all of them whole would take minutes.
  assert.equal(btf.find('node', 'typedef'), undefined)
  assert.throws(() => btf.type(1), { code: 'EBPF_BTF_BAD_STRING' })
})

test('changed bytes give answers or typed errors', () => {
  const change = fc.record({
    at: fc.nat({ max: sample.length - 1 }),
    value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 4, 5, 0x7f, 0x80, 0xff)),
  })
  let opened = 0
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = Uint8Array.from(sample)
      for (const { at, value } of changes) bytes[at] = value
      if (fails(() => exercise(Btf.parse(bytes)))) return
      opened++
    }),
    { numRuns: 1000 },
  )
  assert.ok(opened > 20, `only ${opened} could be opened`)
})

test('words that are valid ids in the wrong place give answers or typed errors', () => {
  const typeWords = new DataView(sample.buffer).getUint32(12, true) / 4
  const change = fc.tuple(fc.nat({ max: typeWords - 1 }), fc.nat({ max: 45 }))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
      const bytes = Uint8Array.from(sample)
      const view = new DataView(bytes.buffer)
      for (const [word, value] of changes) view.setUint32(24 + word * 4, value, true)
      fails(() => exercise(Btf.parse(bytes)))
    }),
    { numRuns: 1000 },
  )
})

test('arbitrary bytes are refused or read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      fails(() => Btf.parse(tail))
      const bytes = Uint8Array.from([...sample.subarray(0, 24), ...tail])
      const view = new DataView(bytes.buffer)
      const typeSize = Math.floor(tail.length / 8) * 4
      view.setUint32(12, typeSize, true)
      view.setUint32(16, typeSize, true)
      view.setUint32(20, tail.length - typeSize, true)
      fails(() => exercise(Btf.parse(bytes)))
    }),
  )
})
