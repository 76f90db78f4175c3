import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import { byKernel } from '../hook/refusal.ts'
import type { KernelView, ProgramKind } from '../hook-plans/kernel-view.ts'

/** A kernel that was described instead of probed. */
export interface Described {
  /** Its functions, each with the names of its parameters, which are numbers of 64 bits. */
  readonly functions: Readonly<Record<string, readonly string[]>>
  /** Its raw tracepoints, in the same way. */
  readonly tracepoints?: Described['functions']
  /** Types of programs that it supports. */
  readonly supports: readonly ProgramKind[]
}

/** The view of a described kernel, with the version 2 hierarchy of control groups. */
export function describedKernel({ functions, tracepoints = {}, supports }: Described): KernelView {
  const builder = new BtfBuilder()
  const word = builder.int('long', 8, { signed: true })
  const params = (names: readonly string[]) => names.map((name) => ({ name, typeId: word }))
  for (const [name, parameters] of Object.entries(functions)) {
    builder.func(name, builder.funcProto(word, params(parameters)), 'global')
  }
  for (const [name, parameters] of Object.entries(tracepoints)) {
    const data = { name: '__data', typeId: builder.pointer(0) }
    const handler = builder.funcProto(0, [data, ...params(parameters)])
    builder.typedef(`btf_trace_${name}`, builder.pointer(handler))
  }
  const symbols = new Set(Object.keys(functions))
  const noFile = (): never => {
    throw new Error('a described kernel has no files')
  }
  return {
    btf: Btf.parse(builder.bytes()),
    refuses: (kind) => (supports.includes(kind) ? undefined : byKernel(`no ${kind}`)),
    preemptsPrograms: false,
    hostRoot: '/',
    cgroupRoot: '/sys/fs/cgroup',
    hasSymbol: (name) => symbols.has(name),
    symbols,
    traceable: undefined,
    returnDistance: () => undefined,
    tracepointFields: noFile,
    tracepoints: () => [],
    hostNamespace: () => 0,
    agent: undefined,
    hierarchy: { version: 2, id: 0 },
    openUserFile: noFile,
    userFiles: () => [],
    ringSize: 1 << 24,
    hasGuards: false,
  }
}
