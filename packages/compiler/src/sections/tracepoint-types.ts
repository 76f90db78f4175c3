import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { TracepointField } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTypeName, Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import type { TypeOfArgument } from './section.ts'

/** Types of the fields of a tracepoint's record; missing fields are reported. */
export function fieldTypes(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
  found: Diagnostic[],
): TypeOfArgument | undefined {
  let fields: readonly TracepointField[]
  try {
    const [group, event] = hook.call.split('/')
    fields = kernel.tracepointFields(group, event)
  } catch {
    return undefined
  }
  for (const { index, path } of hook.args.filter(({ index }) => index >= fields.length)) {
    const names = fields.map(({ name }, i) => `${i} ${name}`).join(', ')
    const message = `no field ${index}: ${hook.call} has ${names}`
    found.push(document.diagnose(`${path}.index`, 'POLICY_INDEX', message))
  }
  return ({ index, sizeIndex }) => fields[index] && typeOf(fields[index], sizeIndex !== undefined)
}

/** Types of the parameters of a raw tracepoint. */
export function rawTypes({ call }: Hook, btf: Btf): TypeOfArgument | undefined {
  const prototype = btf.tracepointPrototype(call.split('/')[1])
  return ({ index }) => {
    const parameter = prototype?.params[index]
    return parameter && typeOfParameter(parameter.typeId, btf)
  }
}

/** Structures that have an argument type for pointers to them. */
const structures: Readonly<Record<string, ArgumentTypeName>> = {
  file: 'file',
  path: 'path',
  dentry: 'dentry',
  sock: 'sock',
  socket: 'socket',
  sk_buff: 'skb',
  linux_binprm: 'linux_binprm',
  cred: 'cred',
  module: 'module',
  net_device: 'net_device',
  kiocb: 'kiocb',
  user_namespace: 'user_namespace',
}

function typeOfParameter(typeId: number, btf: Btf): ArgumentTypeName {
  const type = btf.type(btf.resolve(typeId))
  if (type.kind === 'ptr') {
    const target = btf.type(btf.resolve(type.typeId))
    if (target.kind === 'struct') return structures[target.name] ?? 'size_t'
    return target.kind === 'int' && target.size === 1 ? 'string' : 'size_t'
  }
  const signed = (type.kind === 'int' || type.kind === 'enum') && type.signed
  return integers[signed ? 'signed' : 'unsigned'][btf.sizeOf(typeId)] ?? 'uint64'
}

/** The type of an argument that is a field of a tracepoint's record. */
export function typeOf(field: TracepointField, hasSize: boolean): ArgumentTypeName {
  const { kind, type, size, signed } = field
  const isText = /\bchar\b/.test(type)
  switch (kind) {
    case 'data_loc':
      return 'data_loc'
    case 'array':
      return isText ? 'string' : 'const_buf'
    case 'pointer':
      return !isText ? 'size_t' : hasSize ? 'char_buf' : 'string'
    case 'scalar':
      if (type === 'size_t') return 'size_t'
      return integers[signed ? 'signed' : 'unsigned'][size] ?? 'uint64'
  }
}

const integers: Record<string, Readonly<Record<number, ArgumentTypeName>>> = {
  signed: { 1: 'sint8', 2: 'sint16', 4: 'sint32', 8: 'sint64' },
  unsigned: { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' },
}
