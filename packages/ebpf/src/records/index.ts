export type { Codec } from './codec.ts'
export {
  type ArrayType,
  arrayOf,
  type Scalar,
  s8,
  s16,
  s32,
  s64,
  type Tail,
  tail,
  u8,
  u16,
  u32,
  u64,
} from './field-type.ts'
export {
  type ArrayView,
  type Fields,
  type RecordMemory,
  type RecordReader,
  reader,
  recordMemory,
  type TailView,
} from './reader.ts'
export {
  type FieldLayout,
  type FieldType,
  type RecordType,
  type RecordValue,
  record,
  type Shape,
} from './record.ts'
