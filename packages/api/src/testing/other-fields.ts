import { double, fixed64, many, mapOf, message, optional } from '../message.ts'
import { FileDescriptor } from '../proto/descriptor-messages.ts'
import { fileDescriptor } from '../proto/file-descriptor.ts'
import type { ProtoFile } from '../proto/proto-file.ts'
import { codecOf } from '../wire/codec.ts'

/** A file with types of fields that no message of the agent has. */
export const otherFields: ProtoFile = {
  path: 'test/fields.proto',
  package: 'test',
  types: [
    message(
      'Fields',
      {
        plain: double(1),
        present: optional(double(2)),
        packed: many(double(3)),
        of_name: mapOf(double(4)),
        in_group: double(5),
        fixed: fixed64(6),
        packed_fixed: many(fixed64(7)),
      },
      { oneofs: { value: ['in_group'] } },
    ),
  ],
}

/** Its encoded descriptor. */
export const otherFieldsBytes = codecOf(FileDescriptor).encode(fileDescriptor(otherFields, []))
