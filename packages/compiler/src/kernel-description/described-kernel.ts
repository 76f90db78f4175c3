import { Btf, BtfError } from '@tetragon-ts/ebpf/btf'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { type Target, type TracepointField, tracepointField } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { defaultRingSize } from '@tetragon-ts/sensors/kernel/maps'
import { byKernel } from '../hook/refusal.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { broken } from './container.ts'
import type { KernelDescription } from './description.ts'
import { KernelFileError } from './error.ts'

/** A kernel that policies are compiled for without running it. */
export interface DescribedKernel {
  /** Output of `uname -r`. */
  readonly release: string
  readonly description: KernelDescription
  readonly view: KernelView
  readonly target: Target
  /** Whether programs of user space can be read. */
  readonly hasFiles: boolean
}

/** What a description does not have. */
export type Besides = Pick<
  KernelView,
  'agent' | 'hostNamespace' | 'openUserFile' | 'userFiles' | 'ringSize' | 'hasGuards' | 'hostRoot'
>

/** A node without an agent and without files of user space. */
const nothing: Besides = {
  agent: undefined,
  hostNamespace: () => 0,
  openUserFile: (path) => {
    throw new Error(`open ${path}: a description of a kernel has no files`)
  },
  userFiles: () => [],
  ringSize: defaultRingSize,
  hasGuards: false,
  hostRoot: '/',
}

/**
 * The view of a description. @param besides what only a node knows
 * @throws KernelFileError if it is for other processors, or its types are broken
 */
export function describedKernel(
  description: KernelDescription,
  besides: Partial<Besides> = {},
): DescribedKernel {
  const { facts, functions, modules } = description
  const { release, architecture, cgroups, refusals, abilities, returnDistances } = facts
  if (architecture !== processors) {
    const message = `compile for kernel ${release}: it is for ${architecture}, and the compiler is for ${processors}`
    throw new KernelFileError('KERNEL_ARCHITECTURE', message)
  }
  const btf = typesOf(description)
  const groups = facts.tracepoints
  const view: KernelView = {
    ...nothing,
    ...besides,
    btf,
    refuses: (kind) => (refusals[kind] === '' ? undefined : byKernel(refusals[kind])),
    preemptsPrograms: facts.preemptsPrograms,
    cgroupRoot: cgroups.version2 ? '/sys/fs/cgroup' : undefined,
    hierarchy: cgroups.hierarchy,
    hasSymbol: (name) => functions.symbols.has(name),
    symbols: functions.symbols,
    traceable: functions.traceable,
    returnDistance: (kind) => returnDistances[kind] ?? undefined,
    tracepoints: (group) => Object.keys(group === undefined ? groups : (own(groups, group) ?? {})),
    tracepointFields: (group, name) => fieldsOf(description, group, name),
  }
  const hasFiles = besides.openUserFile !== undefined
  return { release, description, view, target: { btf, ...abilities }, hasFiles }

  function typesOf({ btf: bytes }: KernelDescription): Btf {
    try {
      return Btf.parse(bytes, undefined, (name) => modules.get(name))
    } catch (error) {
      if (error instanceof BtfError) throw broken(error.message, error)
      throw error
    }
  }
}

/** @throws EbpfError as for the running kernel */
function fieldsOf(
  { facts }: KernelDescription,
  group: string,
  name: string,
): readonly TracepointField[] {
  const action = `read format of ${group}/${name}`
  if (Object.keys(facts.tracepoints).length === 0) {
    throw new EbpfError('EBPF_NO_TRACEFS', `${action}: there is no tracefs`)
  }
  const rows = own(own(facts.tracepoints, group) ?? {}, name)
  if (!rows) throw new EbpfError('EBPF_NO_TRACEPOINT', `${action}: no such tracepoint`)
  return rows.map((row) => tracepointField(...row))
}

/** A property that is not inherited: names come from policies. */
function own<T>(all: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined
}
