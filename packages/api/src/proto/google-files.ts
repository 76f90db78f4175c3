import { bool, bytes, int32, int64, many, message, nested, string, uint32 } from '../message.ts'
import type { ProtoFile } from './proto-file.ts'

/** Without numbers, null and structures. */
const Value = message(
  'Value',
  { string_value: string(3), bool_value: bool(4) },
  { oneofs: { kind: ['string_value', 'bool_value'] } },
)

/** The well-known types as messages, for clients of the reflection service. */
export const googleFiles: readonly ProtoFile[] = [
  {
    path: 'google/protobuf/wrappers.proto',
    package: 'google.protobuf',
    types: [
      message('Int64Value', { value: int64(1) }),
      message('Int32Value', { value: int32(1) }),
      message('UInt32Value', { value: uint32(1) }),
      message('BoolValue', { value: bool(1) }),
      message('StringValue', { value: string(1) }),
    ],
  },
  {
    path: 'google/protobuf/timestamp.proto',
    package: 'google.protobuf',
    types: [message('Timestamp', { seconds: int64(1), nanos: int32(2) })],
  },
  {
    path: 'google/protobuf/duration.proto',
    package: 'google.protobuf',
    types: [message('Duration', { seconds: int64(1), nanos: int32(2) })],
  },
  {
    path: 'google/protobuf/field_mask.proto',
    package: 'google.protobuf',
    types: [message('FieldMask', { paths: many(string(1)) })],
  },
  {
    // Settings that are lists: an Any does not name the file of its type.
    path: 'google/protobuf/struct.proto',
    package: 'google.protobuf',
    types: [Value, message('ListValue', { values: many(nested(1, Value)) })],
  },
  {
    path: 'google/protobuf/any.proto',
    package: 'google.protobuf',
    types: [message('Any', { type_url: string(1), value: bytes(2) })],
  },
]
