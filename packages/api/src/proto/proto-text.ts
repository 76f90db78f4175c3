import type { EnumType, Field, MessageOptions, MessageType } from '../message.ts'
import type { ServiceType } from '../service.ts'
import { importsOf, outerName, type ProtoFile, shortName, wellKnownFiles } from './proto-file.ts'

/** Formats declarations in the `.proto` language. */

/** The name of a declared type, as a file refers to it. */
type NameOf = (type: MessageType | EnumType) => string

function typeName(type: Field<unknown>['type'], nameOf: NameOf): string {
  if (typeof type !== 'string') return nameOf(type)
  return type in wellKnownFiles ? `google.protobuf.${type}` : type
}

function fieldLine(name: string, field: Field<unknown>, nameOf: NameOf): string {
  const type = typeName(field.type, nameOf)
  const label = field.optional ? 'optional ' : field.shape === 'many' ? 'repeated ' : ''
  const full = field.shape === 'map' ? `map<string, ${type}>` : `${label}${type}`
  return `${full} ${name} = ${field.number}${field.deprecated ? ' [deprecated = true]' : ''};`
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`))
}

function block(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [`${head} {}`] : [`${head} {`, ...indent(lines), '}']
}

function reservedLines(reserved: MessageOptions['reserved']): string[] {
  if (reserved === undefined) return []
  const parts = reserved.map((part) => (typeof part === 'number' ? `${part}` : part.join(' to ')))
  return [`reserved ${parts.join(', ')};`]
}

function messageLines(
  type: MessageType,
  nested: readonly (readonly string[])[],
  nameOf: NameOf,
): string[] {
  const lines: string[] = [...reservedLines(type.reserved), ...nested.flat()]
  const groups = Object.entries(type.oneofs ?? {})
  const written = new Set<string>()
  for (const [name, field] of Object.entries(type.fields)) {
    const [group, members] = groups.find(([, names]) => names.includes(name)) ?? []
    if (group === undefined) lines.push(fieldLine(name, field, nameOf))
    else if (!written.has(group)) {
      written.add(group)
      const inside = (members ?? []).map((member) => fieldLine(member, type.fields[member], nameOf))
      lines.push(...block(`oneof ${group}`, inside))
    }
  }
  return block(`message ${shortName(type)}`, lines)
}

function enumLines(type: EnumType): string[] {
  const values = Object.entries(type.values).map(([name, number]) => {
    const note = type.deprecated?.includes(name) ? ' [deprecated = true]' : ''
    return `${name} = ${number}${note};`
  })
  return block(`enum ${shortName(type)}`, [...reservedLines(type.reserved), ...values])
}

function serviceLines({ name, rpcs }: ServiceType): string[] {
  const lines = Object.entries(rpcs).map(([rpc, { request, response, stream, deprecated }]) => {
    const takes = `${stream === 'both' ? 'stream ' : ''}${request.name}`
    const gives = `${stream === undefined ? '' : 'stream '}${response.name}`
    const end = deprecated ? ' { option deprecated = true; }' : ';'
    return `rpc ${rpc}(${takes}) returns (${gives})${end}`
  })
  return block(`service ${name}`, lines)
}

/** The text of a `.proto` file. */
export function protoText(file: ProtoFile, files: readonly ProtoFile[]): string {
  const nameOf: NameOf = (type) => {
    const home = files.find(({ types }) => types.includes(type)) ?? file
    return home.package === file.package ? shortName(type) : `${home.package}.${type.name}`
  }
  const lines = (type: MessageType | EnumType): string[] => {
    if (type.kind === 'enum') return enumLines(type)
    const nested = file.types.filter((each) => outerName(each) === type.name)
    return messageLines(type, nested.map(lines), nameOf)
  }
  const imports = importsOf(file, files).map((path) => `import "${path}";`)
  const head = [
    '// Generated from the declarations in packages/api/src; npm run generate writes it anew.',
    '',
    'syntax = "proto3";',
    '',
    `package ${file.package};`,
    ...(imports.length > 0 ? ['', ...imports] : []),
    ...(file.goPackage === undefined ? [] : ['', `option go_package = "${file.goPackage}";`]),
  ]
  const blocks = [
    ...file.types.filter((type) => outerName(type) === '').map(lines),
    ...(file.services ?? []).map(serviceLines),
  ]
  return `${[...head, ...blocks.flatMap((each) => ['', ...each])].join('\n')}\n`
}
