import type { MessageOf, MessageType } from '../message.ts'
import { bool, enumeration, int32, many, message, nested, oneOf, string } from '../message.ts'

/** The messages of google/protobuf/descriptor.proto, as far as our files need them. */

const Range = message('DescriptorProto.ReservedRange', { start: int32(1), end: int32(2) })
/** Written as numbers: their names are of no use here. */
const Kind = enumeration('FieldDescriptorProto.Type', { TYPE_UNKNOWN: 0 })
const Options = message('Options', { deprecated: bool(3) })
const EnumValueOptions = message('EnumValueOptions', { deprecated: bool(1) })
const MethodOptions = message('MethodOptions', { deprecated: bool(33) })
const MessageOptions = message('MessageOptions', { map_entry: bool(7) })
const FileOptions = message('FileOptions', { go_package: string(11) })

const FieldDescriptor = message('FieldDescriptorProto', {
  name: string(1),
  number: int32(3),
  label: oneOf(4, Kind),
  type: oneOf(5, Kind),
  type_name: string(6),
  options: nested(8, Options),
  // Zero is the index of the first group: it must be written.
  oneof_index: { ...int32(9), optional: true },
  json_name: string(10),
  proto3_optional: bool(17),
})
export type FieldDescriptor = MessageOf<typeof FieldDescriptor>

const EnumValueDescriptor = message('EnumValueDescriptorProto', {
  name: string(1),
  number: { ...int32(2), optional: true },
  options: nested(3, EnumValueOptions),
})

const EnumDescriptor = message('EnumDescriptorProto', {
  name: string(1),
  value: many(nested(2, EnumValueDescriptor)),
  reserved_range: many(nested(4, Range)),
})
export type EnumDescriptor = MessageOf<typeof EnumDescriptor>

const OneofDescriptor = message('OneofDescriptorProto', { name: string(1) })

const messageFields = {
  name: string(1),
  field: many(nested(2, FieldDescriptor)),
  enum_type: many(nested(4, EnumDescriptor)),
  options: nested(7, MessageOptions),
  oneof_decl: many(nested(8, OneofDescriptor)),
  reserved_range: many(nested(9, Range)),
}
/** Messages are nested one level deep, or two if a nested one has a map. */
const MapEntryDescriptor: MessageType<typeof messageFields> = message('Entry', messageFields)
const NestedDescriptor = message('NestedDescriptor', {
  ...messageFields,
  nested_type: many(nested(3, MapEntryDescriptor)),
})
const MessageDescriptor = message('DescriptorProto', {
  ...messageFields,
  nested_type: many(nested(3, NestedDescriptor)),
})
export type MessageDescriptor = MessageOf<typeof MessageDescriptor>

const MethodDescriptor = message('MethodDescriptorProto', {
  name: string(1),
  input_type: string(2),
  output_type: string(3),
  options: nested(4, MethodOptions),
  client_streaming: bool(5),
  server_streaming: bool(6),
})

const ServiceDescriptor = message('ServiceDescriptorProto', {
  name: string(1),
  method: many(nested(2, MethodDescriptor)),
})
export type ServiceDescriptor = MessageOf<typeof ServiceDescriptor>

export const FileDescriptor = message('FileDescriptorProto', {
  name: string(1),
  package: string(2),
  dependency: many(string(3)),
  message_type: many(nested(4, MessageDescriptor)),
  enum_type: many(nested(5, EnumDescriptor)),
  service: many(nested(6, ServiceDescriptor)),
  options: nested(8, FileOptions),
  syntax: string(12),
})
export type FileDescriptor = MessageOf<typeof FileDescriptor>
