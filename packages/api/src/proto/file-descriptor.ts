import type { EnumType, Field, MessageOptions, MessageType } from '../message.ts'
import type { ServiceType } from '../service.ts'
import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
} from './descriptor-messages.ts'
import { importsOf, outerName, type ProtoFile, shortName, wellKnownFiles } from './proto-file.ts'

/** Converts declarations to descriptors, like protoc does for the `.proto` files. */

// google/protobuf/descriptor.proto: FieldDescriptorProto.Type and Label
const typeNumbers = {
  double: 1,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
}
const messageNumber = 11
const enumNumber = 14
const optionalLabel = 1
const repeatedLabel = 3

/** Finds a type's file: names in descriptors are absolute. */
export type PackageOf = (type: MessageType | EnumType) => string

function typeOf(type: Field<unknown>['type'], packageOf: PackageOf): FieldDescriptor {
  if (typeof type !== 'string') {
    const type_name = `.${packageOf(type)}.${type.name}`
    return { type: type.kind === 'enum' ? enumNumber : messageNumber, type_name }
  }
  if (type in wellKnownFiles) {
    return { type: messageNumber, type_name: `.google.protobuf.${type}` }
  }
  return { type: typeNumbers[type as keyof typeof typeNumbers] }
}

function jsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase())
}

/** A map is a list of messages of a hidden type whose name is derived from the field's. */
function entryName(name: string): string {
  const camel = jsonName(name)
  return `${camel[0].toUpperCase()}${camel.slice(1)}Entry`
}

function mapEntry(name: string, field: Field<unknown>, packageOf: PackageOf): MessageDescriptor {
  return {
    name: entryName(name),
    field: [
      { name: 'key', number: 1, label: optionalLabel, type: typeNumbers.string, json_name: 'key' },
      {
        ...typeOf(field.type, packageOf),
        name: 'value',
        number: 2,
        label: optionalLabel,
        json_name: 'value',
      },
    ],
    options: { map_entry: true },
  }
}

function reservedRanges(reserved: MessageOptions['reserved'], isEnum: boolean) {
  // The end belongs to an enum's range, but not to a message's.
  return reserved?.map((part) => {
    const [start, last] = typeof part === 'number' ? [part, part] : part
    return { start, end: isEnum ? last : last + 1 }
  })
}

function describeEnum(type: EnumType): EnumDescriptor {
  const value = Object.entries(type.values).map(([name, number]) => ({
    name,
    number,
    options: type.deprecated?.includes(name) ? { deprecated: true } : undefined,
  }))
  return { name: shortName(type), value, reserved_range: reservedRanges(type.reserved, true) }
}

function describeMessage(
  type: MessageType,
  file: ProtoFile,
  packageOf: PackageOf,
): MessageDescriptor {
  const groups = Object.keys(type.oneofs ?? {})
  const fields = Object.entries(type.fields)
  // An optional field has its own group; these groups are last.
  const single = fields.filter(([, { optional }]) => optional).map(([name]) => name)
  const groupOf = (name: string): number | undefined => {
    const group = groups.findIndex((each) => type.oneofs?.[each].includes(name))
    if (group >= 0) return group
    return single.includes(name) ? groups.length + single.indexOf(name) : undefined
  }
  const field = fields.map(([name, declared]): FieldDescriptor => {
    const isMap = declared.shape === 'map'
    const entry = `.${packageOf(type)}.${type.name}.${entryName(name)}`
    return {
      name,
      number: declared.number,
      label: declared.shape === 'one' ? optionalLabel : repeatedLabel,
      ...(isMap ? { type: messageNumber, type_name: entry } : typeOf(declared.type, packageOf)),
      options: declared.deprecated ? { deprecated: true } : undefined,
      oneof_index: groupOf(name),
      json_name: jsonName(name),
      proto3_optional: declared.optional,
    }
  })
  const inner = file.types.filter((each) => outerName(each) === type.name)
  const nestedMessages = inner.filter((each) => each.kind === 'message')
  return {
    name: shortName(type),
    field,
    nested_type: [
      ...nestedMessages.map((each) => describeMessage(each, file, packageOf)),
      ...fields
        .filter(([, { shape }]) => shape === 'map')
        .map(([name, declared]) => mapEntry(name, declared, packageOf)),
    ],
    enum_type: inner.filter((each) => each.kind === 'enum').map(describeEnum),
    oneof_decl: [...groups, ...single.map((name) => `_${name}`)].map((name) => ({ name })),
    reserved_range: reservedRanges(type.reserved, false),
  }
}

function describeService({ name, rpcs }: ServiceType, packageOf: PackageOf): ServiceDescriptor {
  const method = Object.entries(rpcs).map(([rpc, { request, response, stream, deprecated }]) => ({
    name: rpc,
    input_type: `.${packageOf(request)}.${request.name}`,
    output_type: `.${packageOf(response)}.${response.name}`,
    options: deprecated ? { deprecated: true } : undefined,
    client_streaming: stream === 'both',
    server_streaming: stream !== undefined,
  }))
  return { name, method }
}

/** The descriptor of a file; `files` are all possible imports. */
export function fileDescriptor(file: ProtoFile, files: readonly ProtoFile[]): FileDescriptor {
  const packageOf: PackageOf = (type) => {
    const home = file.types.includes(type) ? file : files.find(({ types }) => types.includes(type))
    return home?.package ?? file.package
  }
  const top = file.types.filter((type) => outerName(type) === '')
  return {
    name: file.path,
    package: file.package,
    dependency: importsOf(file, files),
    message_type: top
      .filter((type) => type.kind === 'message')
      .map((type) => describeMessage(type, file, packageOf)),
    enum_type: top.filter((type) => type.kind === 'enum').map(describeEnum),
    service: (file.services ?? []).map((each) => describeService(each, packageOf)),
    options: file.goPackage === undefined ? undefined : { go_package: file.goPackage },
    syntax: 'proto3',
  }
}
