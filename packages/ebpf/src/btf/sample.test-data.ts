import { Btf } from './btf.ts'
import { BtfBuilder } from './builder.ts'

/** BTF with a type of each kind, for the tests: its bytes, its reader and the ids by name. */
export function sampleBtf() {
  const builder = new BtfBuilder()
  const char = builder.int('char', 1, { signed: true, char: true })
  const u32 = builder.int('unsigned int', 4)
  const comm = builder.array(char, u32, 16)
  // pointer refers to node, which is added behind it.
  const pointer = builder.pointer(builder.nextId + 3)
  const inner = builder.struct('', 8, [
    { name: 'low', typeId: u32, bitOffset: 0 },
    { name: 'high', typeId: u32, bitOffset: 32 },
  ])
  const union = builder.union('', 8, [
    { name: 'as_number', typeId: u32, bitOffset: 0 },
    { name: '', typeId: inner, bitOffset: 0 },
  ])
  const node = builder.struct('node', 40, [
    { name: 'next', typeId: pointer, bitOffset: 0 },
    { name: 'comm', typeId: comm, bitOffset: 64 },
    { name: '', typeId: union, bitOffset: 192 },
    { name: 'one', typeId: u32, bitOffset: 256, bitSize: 1 },
    { name: 'three', typeId: u32, bitOffset: 257, bitSize: 3 },
  ])
  const typedef = builder.typedef('node_t', node)
  const state = builder.enum('state', 4, { IDLE: -1, BUSY: 7 })
  const flags = builder.enum64('flags', 8, { HIGH: 0x8000_0000_0000_0001n })
  const forward = builder.forward('later', 'union')
  const volatile = builder.reference('volatile', u32)
  const restrict = builder.reference('restrict', pointer)
  const typeTag = builder.typeTag('user', char)
  const proto = builder.funcProto(u32, [
    { name: 'node', typeId: pointer },
    { name: '', typeId: 0 },
  ])
  const func = builder.func('visit', proto, 'global')
  const variable = builder.variable('root', node, 'extern')
  const datasec = builder.datasec('.data', 64, [{ typeId: variable, offset: 8, size: 40 }])
  const float = builder.float('double', 8)
  const declTag = builder.declTag('kfunc', func)
  const outer = builder.struct('outer', 128, [
    { name: 'count', typeId: u32, bitOffset: 0 },
    { name: 'nodes', typeId: builder.nextId + 1, bitOffset: 64 },
    { name: 'tail', typeId: builder.nextId + 2, bitOffset: 64 + 3 * 320 },
  ])
  builder.array(typedef, u32, 3)
  builder.array(char, u32, 0)
  const nothing = builder.pointer(0)
  const walk = builder.funcProto(0, [
    { name: '', typeId: nothing },
    { name: '', typeId: pointer },
  ])
  builder.typedef('btf_trace_walk', builder.pointer(walk))
  const named = builder.funcProto(u32, [
    { name: '__data', typeId: nothing },
    { name: 'node', typeId: pointer },
  ])
  builder.func('__traceiter_walk', named)
  const bytes = builder.bytes()
  const ids = {
    char,
    u32,
    comm,
    pointer,
    node,
    typedef,
    state,
    flags,
    forward,
    volatile,
    restrict,
    typeTag,
    proto,
    func,
    variable,
    datasec,
    float,
    declTag,
    outer,
  }
  return { bytes, btf: Btf.parse(bytes), ids, stringSize: builder.stringSize }
}
