import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Hook, NamedList } from '@tetragon-ts/policy'
import type { Backend, KernelView, TargetFunction } from '../backends/backend.ts'
import type { HookEvent } from '../hook-record.ts'

/** A section of a policy: what its hooks refer to, and their back ends. */
export interface HookSection {
  /** The kind of its events. */
  readonly event: HookEvent
  /** The field with the name of the function, tracepoint or LSM hook. */
  readonly nameField: string
  /** In the order of preference. */
  readonly backends: readonly Backend[]
  /**
   * The order for hooks that enforce, if it differs: the kernel skips a trampoline's program while
   * a preempted task is inside it on the same CPU, which attackers can provoke.
   */
  readonly enforcingBackends?: readonly Backend[]
  /** Functions of a hook: one, or those of its list. */
  targets(hook: Hook, list: NamedList | undefined, kernel: KernelView): readonly TargetFunction[]
  /** Whether this kernel has it. */
  exists(target: TargetFunction, hook: Hook, kernel: KernelView): boolean
  /** The error if it does not. */
  absence(target: TargetFunction): string
  /** The most similar name, as in policies. */
  nearest(target: TargetFunction, kernel: KernelView): string | undefined
  /** Parameters of the function; undefined if unknown. */
  parameters(hook: Hook, btf: Btf): readonly ParameterType[] | undefined
  /** BTF type of the return value; undefined if unknown. */
  resultType(hook: Hook, btf: Btf): number | undefined
}

/** A parameter of a hook's function. */
export interface ParameterType {
  /** As in C, such as `struct file *`. */
  readonly text: string
  readonly name: string
  /** In the kernel's BTF; unknown for system calls. */
  readonly typeId?: number
}

type Parameters = readonly { readonly name: string; readonly typeId: number }[]

/** Parameters according to the kernel's types. */
export function described(btf: Btf, params: Parameters | undefined) {
  return params?.map(({ name, typeId }) => ({ name, typeId, text: btf.describe(typeId) }))
}

/** Names with a prefix, without the prefix. */
export function withoutPrefix(prefix: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}
