import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'

/**
 * struct inner { u32 a; u32 low:4, high:12; };
 * struct outer { u64 first; union { struct inner *in; u64 word; }; struct inner many[3];
 *                struct inner **table; char name[8]; };
 */
const builder = new BtfBuilder()
export const u32 = builder.int('unsigned int', 4)
export const u64 = builder.int('unsigned long', 8)
const char = builder.int('char', 1, { char: true, signed: true })
export const inner = builder.struct('inner', 8, [
  { name: 'a', typeId: u32, bitOffset: 0 },
  { name: 'low', typeId: u32, bitOffset: 32, bitSize: 4 },
  { name: 'high', typeId: u32, bitOffset: 36, bitSize: 12 },
])
export const toInner = builder.pointer(inner)
const anonymous = builder.union('', 8, [
  { name: 'in', typeId: toInner, bitOffset: 0 },
  { name: 'word', typeId: u64, bitOffset: 0 },
])
export const many = builder.array(inner, u32, 3)
const table = builder.pointer(toInner)
export const name = builder.array(char, u32, 8)
export const outer = builder.struct('outer', 56, [
  { name: 'first', typeId: u64, bitOffset: 0 },
  { name: '', typeId: anonymous, bitOffset: 64 },
  { name: 'many', typeId: many, bitOffset: 128 },
  { name: 'table', typeId: table, bitOffset: 320 },
  { name: 'name', typeId: name, bitOffset: 384 },
])
export const toOuter = builder.pointer(outer)
const derived = builder.struct('derived', 64, [
  { name: 'base', typeId: outer, bitOffset: 0 },
  { name: 'more', typeId: u64, bitOffset: 448 },
])
export const toDerived = builder.pointer(derived)
export const toVoid = builder.pointer(0)
export const btf = Btf.parse(builder.bytes())
