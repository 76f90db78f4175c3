import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import { byKernel } from '../hook/refusal.ts'
import type { KernelView, ProgramKind } from '../hook-plans/kernel-view.ts'

/** A kernel that was described instead of probed. */
export interface Described {
  /** Its functions, each with the names of its parameters, which are numbers of 64 bits. */
  readonly functions: Readonly<Record<string, readonly string[]>>
  /** Types of programs that it supports. */
  readonly supports: readonly ProgramKind[]
}

/** The view of a described kernel, with the version 2 hierarchy of control groups. */
export function describedKernel({ functions, supports }: Described): KernelView {
  const builder = new BtfBuilder()
  const word = builder.int('long', 8, { signed: true })
  for (const [name, parameters] of Object.entries(functions)) {
    const params = parameters.map((each) => ({ name: each, typeId: word }))
    builder.func(name, builder.funcProto(word, params), 'global')
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
    dispatchers: { insert: noFile },
    hostNamespace: () => 0,
    hierarchy: { version: 2, id: 0 },
    openUserFile: noFile,
    userFiles: () => [],
    ringSize: 1 << 24,
    hasGuards: false,
  }
}
