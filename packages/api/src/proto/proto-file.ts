import type { EnumType, MessageType } from '../message.ts'
import type { ServiceType } from '../service.ts'

/** A `.proto` file: its declarations, in order. */
export interface ProtoFile {
  /** Name by which other files import it. */
  readonly path: string
  readonly package: string
  readonly goPackage?: string
  readonly types: readonly (MessageType | EnumType)[]
  readonly services?: readonly ServiceType[]
}

/** The well-known types of fields, with their files. */
export const wellKnownFiles = {
  Int32Value: 'google/protobuf/wrappers.proto',
  UInt32Value: 'google/protobuf/wrappers.proto',
  BoolValue: 'google/protobuf/wrappers.proto',
  Timestamp: 'google/protobuf/timestamp.proto',
  Duration: 'google/protobuf/duration.proto',
  FieldMask: 'google/protobuf/field_mask.proto',
  Any: 'google/protobuf/any.proto',
} as const

/** A type's name inside its file: for nested types, without the outer name. */
export function shortName(type: MessageType | EnumType): string {
  return type.name.slice(type.name.lastIndexOf('.') + 1)
}

/** Name of the message that a type is nested in; empty at the top level. */
export function outerName(type: MessageType | EnumType): string {
  return type.name.slice(0, Math.max(0, type.name.lastIndexOf('.')))
}

/** Types that fields and procedures of a file refer to. */
export function referredTypes(file: ProtoFile): readonly (string | MessageType | EnumType)[] {
  const messages = file.types.filter((type) => type.kind === 'message')
  const fields = messages.flatMap(({ fields }) => Object.values(fields).map(({ type }) => type))
  const rpcs = (file.services ?? []).flatMap(({ rpcs }) => Object.values(rpcs))
  return [...fields, ...rpcs.flatMap(({ request, response }) => [request, response])]
}

/** Paths of the files that a file needs, sorted. */
export function importsOf(file: ProtoFile, files: readonly ProtoFile[]): string[] {
  const paths = new Set<string>()
  for (const type of referredTypes(file)) {
    if (typeof type !== 'string') {
      const home = file.types.includes(type)
        ? file
        : files.find(({ types }) => types.includes(type))
      if (home === undefined) throw new Error(`import ${type.name}: no file declares it`)
      if (home !== file) paths.add(home.path)
    } else if (type in wellKnownFiles) {
      paths.add(wellKnownFiles[type as keyof typeof wellKnownFiles])
    }
  }
  return [...paths].sort()
}
