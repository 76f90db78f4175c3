import type { Btf } from './btf.ts'
import type { FuncProtoType, Parameter } from './type.ts'

export interface Prototype {
  readonly params: readonly Parameter[]
  /** 0 for void. */
  readonly returnTypeId: number
  /** Whether more arguments may follow (`...`). */
  readonly variadic: boolean
}

/** Parameters and result of a function by its FUNC. */
export function findPrototype(btf: Btf, name: string): Prototype | undefined {
  const id = btf.find(name, 'func')
  if (id === undefined) return undefined
  const func = btf.type(id)
  const proto = func.kind === 'func' ? btf.type(func.typeId) : func
  return proto.kind === 'funcProto' ? prototypeOf(proto) : undefined
}

function prototypeOf({ params, returnTypeId }: FuncProtoType): Prototype {
  const last = params.at(-1)
  const variadic = last !== undefined && last.typeId === 0 && last.name === ''
  return { params: variadic ? params.slice(0, -1) : params, returnTypeId, variadic }
}

/**
 * Parameters of a tracepoint by its `typedef void (*btf_trace_NAME)(void *data, …)`
 * (kernel: include/trace/bpf_probe.h). Types of pointers to functions carry no names of
 * parameters: those come from the functions that the kernel generates beside it.
 */
export function findTracepointPrototype(btf: Btf, name: string): Prototype | undefined {
  const typedefId = btf.find(`btf_trace_${name}`, 'typedef')
  if (typedefId === undefined) return undefined
  const pointer = btf.type(btf.resolve(typedefId))
  if (pointer.kind !== 'ptr') return undefined
  const proto = btf.type(btf.resolve(pointer.typeId))
  if (proto.kind !== 'funcProto') return undefined
  const { params, returnTypeId, variadic } = prototypeOf(proto)
  return { params: withNames(btf, name, params).slice(1), returnTypeId, variadic }
}

const NAMED_TWINS = ['__traceiter_', '__bpf_trace_', '__probestub_']

function withNames(btf: Btf, name: string, params: readonly Parameter[]): readonly Parameter[] {
  if (params.slice(1).every((it) => it.name !== '')) return params
  for (const prefix of NAMED_TWINS) {
    const twin = findPrototype(btf, prefix + name)
    if (twin?.params.length !== params.length) continue
    return params.map((it, index) => ({ name: twin.params[index].name, typeId: it.typeId }))
  }
  return params
}
