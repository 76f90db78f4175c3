import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Btf } from './btf.ts'
import { BtfBuilder } from './builder.ts'
import { sampleBtf } from './sample.test-data.ts'

const { btf, ids } = sampleBtf()

describe('types', () => {
  test('each kind decodes to what was written', () => {
    assert.deepEqual(btf.type(0), { kind: 'void' })
    assert.deepEqual(btf.type(ids.char), {
      kind: 'int',
      name: 'char',
      size: 1,
      bits: 8,
      bitOffset: 0,
      signed: true,
      char: true,
      bool: false,
    })
    assert.deepEqual(btf.type(ids.pointer), { kind: 'ptr', name: '', typeId: ids.node })
    assert.deepEqual(btf.type(ids.comm), {
      kind: 'array',
      elementTypeId: ids.char,
      indexTypeId: ids.u32,
      length: 16,
    })
    assert.deepEqual(btf.type(ids.state), {
      kind: 'enum',
      name: 'state',
      size: 4,
      signed: true,
      values: [
        { name: 'IDLE', value: -1 },
        { name: 'BUSY', value: 7 },
      ],
    })
    assert.deepEqual(btf.type(ids.flags), {
      kind: 'enum64',
      name: 'flags',
      size: 8,
      signed: false,
      values: [{ name: 'HIGH', value: 0x8000_0000_0000_0001n }],
    })
    assert.deepEqual(btf.type(ids.forward), { kind: 'fwd', name: 'later', union: true })
    assert.deepEqual(btf.type(ids.typedef), { kind: 'typedef', name: 'node_t', typeId: ids.node })
    assert.deepEqual(btf.type(ids.volatile), { kind: 'volatile', name: '', typeId: ids.u32 })
    assert.deepEqual(btf.type(ids.restrict), { kind: 'restrict', name: '', typeId: ids.pointer })
    assert.deepEqual(btf.type(ids.typeTag), { kind: 'typeTag', name: 'user', typeId: ids.char })
    assert.deepEqual(btf.type(ids.func), {
      kind: 'func',
      name: 'visit',
      typeId: ids.proto,
      linkage: 'global',
    })
    assert.deepEqual(btf.type(ids.proto), {
      kind: 'funcProto',
      returnTypeId: ids.u32,
      params: [
        { name: 'node', typeId: ids.pointer },
        { name: '', typeId: 0 },
      ],
    })
    assert.deepEqual(btf.type(ids.variable), {
      kind: 'var',
      name: 'root',
      typeId: ids.node,
      linkage: 'extern',
    })
    assert.deepEqual(btf.type(ids.datasec), {
      kind: 'datasec',
      name: '.data',
      size: 64,
      variables: [{ typeId: ids.variable, offset: 8, size: 40 }],
    })
    assert.deepEqual(btf.type(ids.float), { kind: 'float', name: 'double', size: 8 })
    assert.deepEqual(btf.type(ids.declTag), {
      kind: 'declTag',
      name: 'kfunc',
      typeId: ids.func,
      componentIndex: -1,
    })
  })

  test('ids that are not there are typed errors', () => {
    for (const bad of [btf.endId, -1, 0.5, Number.NaN, 2 ** 32]) {
      assert.throws(() => btf.type(bad), { code: 'EBPF_BTF_BAD_ID' })
      assert.throws(() => btf.resolve(bad), { code: 'EBPF_BTF_BAD_ID' })
    }
  })
})

describe('names', () => {
  test('find goes by name and kind', () => {
    assert.equal(btf.find('node', 'struct'), ids.node)
    assert.equal(btf.find('node', 'union'), undefined)
    assert.equal(btf.find('node', ['union', 'struct']), ids.node)
    assert.equal(btf.find('nod', 'struct'), undefined)
    assert.equal(btf.find('ode', 'struct'), undefined)
    assert.equal(btf.find('node_', 'struct'), undefined)
    assert.equal(btf.find('', 'ptr'), undefined)
    assert.equal(btf.find('node\0', 'struct'), undefined)
  })

  test('the end of a longer string is not a name, unless a type starts there', () => {
    const builder = new BtfBuilder()
    builder.int('my_int', 4)
    builder.int('xx', 8)
    const bytes = builder.bytes()
    assert.equal(Btf.parse(bytes).find('int', 'int'), undefined)
    // The second type now shares the end of the first one's name.
    new DataView(bytes.buffer).setUint32(24 + 16, builder.string('my_int') + 3, true)
    assert.equal(Btf.parse(bytes).find('int', 'int'), 2)
    assert.equal(Btf.parse(bytes).find('my_int', 'int'), 1)
  })

  test('strings need not be de-duplicated', () => {
    const builder = new BtfBuilder()
    builder.int('aaaa', 4)
    builder.struct('bbbb', 8, [{ name: 'x', typeId: 1, bitOffset: 0 }])
    builder.enum('cccc', 4, { dddd: 5 })
    const bytes = Buffer.from(builder.bytes())
    for (const twin of ['bbbb', 'cccc', 'dddd']) bytes.write('aaaa', bytes.indexOf(twin))
    const twins = Btf.parse(bytes)
    assert.equal(twins.find('aaaa', 'int'), 1)
    assert.equal(twins.find('aaaa', 'struct'), 2)
    assert.equal(twins.find('aaaa', 'enum'), 3)
    assert.equal(twins.find('aaaa', ['enum', 'struct']), 2)
    assert.equal(twins.enumerator('aaaa'), 5)
  })

  test('enumerators are found over all enums', () => {
    assert.equal(btf.enumerator('IDLE'), -1)
    assert.equal(btf.enumerator('BUSY'), 7)
    assert.equal(btf.enumerator('HIGH'), 0x8000_0000_0000_0001n)
    assert.equal(btf.enumerator('node'), undefined)
    assert.equal(btf.enumerator(''), undefined)
  })

  test('functions are found by name, one by one and when all names are indexed', () => {
    const lookUp = () => ['visit', '__traceiter_walk', 'none'].map((name) => btf.prototype(name))
    const first = lookUp()
    assert.deepEqual(
      first.map((each) => each !== undefined),
      [true, true, false],
    )
    assert.deepEqual(lookUp(), first)
    for (let i = 0; i < 100; i++) assert.equal(btf.prototype(`absent_${i}`), undefined)
    assert.deepEqual(lookUp(), first)
  })

  test('functions are listed in order', () => {
    assert.deepEqual([...btf.functions()], ['visit', '__traceiter_walk'])
  })
})

describe('layout', () => {
  test('resolve skips names, qualifiers and tags', () => {
    assert.equal(btf.resolve(ids.typedef), ids.node)
    assert.equal(btf.resolve(ids.restrict), ids.pointer)
    assert.equal(btf.resolve(ids.typeTag), ids.char)
  })

  test('sizes are in bytes', () => {
    assert.equal(btf.sizeOf(ids.comm), 16)
    assert.equal(btf.sizeOf(ids.restrict), 8)
    assert.equal(btf.sizeOf(ids.typedef), 40)
    assert.equal(btf.sizeOf(ids.variable), 40)
    for (const id of [0, ids.forward, ids.func]) {
      assert.throws(() => btf.sizeOf(id), { code: 'EBPF_BTF_NO_SIZE' })
    }
  })

  test('members are found also in anonymous structs and unions', () => {
    const { node } = ids
    assert.deepEqual(btf.member(node, 'comm'), {
      name: 'comm',
      typeId: ids.comm,
      bitOffset: 64,
      bitSize: 0,
    })
    assert.equal(btf.member(ids.typedef, 'as_number')?.bitOffset, 192)
    assert.equal(btf.member(node, 'high')?.bitOffset, 224)
    assert.deepEqual(btf.member(node, 'three'), {
      name: 'three',
      typeId: ids.u32,
      bitOffset: 257,
      bitSize: 3,
    })
    assert.equal(btf.member(node, 'missing'), undefined)
    assert.equal(btf.member(node, ''), undefined)
    assert.equal(btf.member(ids.u32, 'comm'), undefined)
  })

  test('bit fields of old compilers stand in the integer type', () => {
    const builder = new BtfBuilder()
    const narrow = builder.int('unsigned', 4)
    const struct = builder.struct('s', 4, [{ name: 'f', typeId: narrow, bitOffset: 8 }])
    const bytes = builder.bytes()
    // Details of the integer: bit offset 2, 5 bits.
    new DataView(bytes.buffer).setUint32(24 + 12, (2 << 16) | 5, true)
    const member = Btf.parse(bytes).member(struct, 'f')
    assert.deepEqual(member, { name: 'f', typeId: narrow, bitOffset: 10, bitSize: 5 })
  })

  test('paths go through structs and arrays, not through pointers', () => {
    const { outer } = ids
    assert.deepEqual(btf.memberPath(outer, 'nodes[2].comm[3]'), {
      bitOffset: 64 + 2 * 320 + 64 + 24,
      bitSize: 0,
      typeId: ids.char,
    })
    assert.deepEqual(btf.memberPath(outer, 'nodes[1].three'), {
      bitOffset: 64 + 320 + 257,
      bitSize: 3,
      typeId: ids.u32,
    })
    assert.equal(btf.memberPath(outer, 'tail[9]').bitOffset, 64 + 3 * 320 + 9 * 8)
    assert.throws(() => btf.memberPath(outer, 'nodes[0].nix'), {
      name: 'BtfMemberError',
      code: 'EBPF_BTF_NO_MEMBER',
      struct: 'struct node',
      member: 'nix',
      message: 'resolve nodes[0].nix: struct node has no member nix',
    })
    assert.throws(() => btf.memberPath(outer, 'nodes[3]'), {
      message: 'resolve nodes[3]: node_t [3] has no element [3]',
    })
    assert.throws(() => btf.memberPath(outer, 'nodes[0].next.comm'), {
      code: 'EBPF_BTF_NO_MEMBER',
      message: 'resolve nodes[0].next.comm: comm is behind a pointer, struct node *',
    })
    for (const bad of ['', '.', 'nodes.', 'nodes..comm', 'nodes[', 'nodes[x]', ' nodes', 'a b']) {
      assert.throws(() => btf.memberPath(outer, bad), { code: 'EBPF_BTF_BAD_PATH' })
    }
  })
})

describe('prototypes', () => {
  test('a function has parameters and a result', () => {
    assert.deepEqual(btf.prototype('visit'), {
      params: [{ name: 'node', typeId: ids.pointer }],
      returnTypeId: ids.u32,
      variadic: true,
    })
    assert.equal(btf.prototype('node'), undefined)
  })

  test('a tracepoint loses its data pointer and borrows its names', () => {
    assert.deepEqual(btf.tracepointPrototype('walk'), {
      params: [{ name: 'node', typeId: ids.pointer }],
      returnTypeId: 0,
      variadic: false,
    })
    assert.equal(btf.tracepointPrototype('run'), undefined)
  })
})

test('types are described as C writes them', () => {
  const builder = new BtfBuilder()
  const int = builder.int('int', 4, { signed: true })
  const constInt = builder.reference('const', int)
  const toConst = builder.pointer(constInt)
  const constPointer = builder.reference('const', builder.pointer(int))
  const proto = builder.funcProto(int, [
    { name: 'a', typeId: toConst },
    { name: '', typeId: 0 },
  ])
  const anonymous = builder.struct('', 4, [])
  const described: [number, string][] = [
    [0, 'void'],
    [int, 'int'],
    [toConst, 'const int *'],
    [constPointer, 'int * const'],
    [builder.pointer(constPointer), 'int * const *'],
    [builder.pointer(builder.pointer(0)), 'void **'],
    [builder.array(int, int, 4), 'int [4]'],
    [builder.pointer(builder.array(int, int, 4)), 'int (*)[4]'],
    [builder.array(builder.pointer(int), int, 0), 'int *[]'],
    [builder.pointer(proto), 'int (*)(const int *, ...)'],
    [builder.pointer(builder.funcProto(0, [])), 'void (*)(void)'],
    [builder.func('f', proto), 'int f(const int *, ...)'],
    [anonymous, 'struct (anonymous)'],
    [builder.pointer(builder.forward('later', 'struct')), 'struct later *'],
    [builder.pointer(builder.enum('e', 4, { A: 1 })), 'enum e *'],
    [builder.typedef('u32', int), 'u32'],
  ]
  const btf = Btf.parse(builder.bytes())
  for (const [id, text] of described) assert.equal(btf.describe(id), text)
})

test('split BTF goes on where its base ends', () => {
  const builder = new BtfBuilder({ firstId: btf.endId, stringStart: sampleBtf().stringSize })
  const own = builder.struct('module_state', 48, [
    { name: 'node', typeId: ids.node, bitOffset: 0 },
    { name: 'extra', typeId: ids.u32, bitOffset: 320 },
  ])
  builder.func('module_visit', ids.proto)
  builder.enum('module_enum', 4, { MODULE_VALUE: 3 })
  const split = Btf.parse(builder.bytes(), btf)
  assert.equal(own, btf.endId)
  assert.equal(split.find('module_state', 'struct'), own)
  assert.equal(split.find('node', 'struct'), ids.node)
  assert.equal(btf.find('module_state', 'struct'), undefined)
  assert.equal(split.memberPath(own, 'node.comm[1]').bitOffset, 72)
  assert.equal(split.describe(own), 'struct module_state')
  assert.equal(split.enumerator('MODULE_VALUE'), 3)
  assert.equal(split.enumerator('BUSY'), 7)
  assert.deepEqual(split.prototype('module_visit')?.returnTypeId, ids.u32)
  assert.deepEqual([...split.functions()], ['visit', '__traceiter_walk', 'module_visit'])
  assert.throws(() => split.type(split.endId), { code: 'EBPF_BTF_BAD_ID' })
})

test('types of modules are those that were given', () => {
  const builder = new BtfBuilder({ firstId: btf.endId, stringStart: sampleBtf().stringSize })
  builder.struct('module_state', 4, [{ name: 'count', typeId: ids.u32, bitOffset: 0 }])
  const bytes = builder.bytes()
  const kernel = Btf.parse(sampleBtf().bytes, undefined, (name) =>
    name === 'nf' ? bytes : undefined,
  )
  const module = kernel.module('nf')
  assert.equal(module, kernel.module('nf'))
  const id = module.find('module_state', 'struct')
  assert.equal(id, kernel.endId)
  assert.throws(() => kernel.module('other'), { code: 'EBPF_BTF_READ' })
  assert.throws(() => btf.module('nf'), { code: 'EBPF_BTF_READ' })
})
