import type { Btf } from '@tetragon-ts/ebpf/btf'
import type {
  Argument,
  ArgumentTypeName,
  Diagnostic,
  Hook,
  NamedList,
  PolicyDocument,
} from '@tetragon-ts/policy'
import type { Backend } from '../hook-plans/backend.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'

/** The kinds of events that hooks have. */
export type HookEvent = `process_${'kprobe' | 'tracepoint' | 'lsm' | 'uprobe' | 'usdt'}`

/** Fields of an event, as in its JSON. */
export type EventHead = Readonly<Record<string, string>>

/** A section of a policy: what its hooks refer to, and their back ends. */
export interface HookSection {
  /** The kind of its events. */
  readonly event: HookEvent
  /** The field with the name of the function, tracepoint or LSM hook. */
  readonly nameField: string
  /** Whether its arguments point to memory of the kernel or of user space. */
  readonly memory: 'kernel' | 'user'
  /** In the order of preference. */
  readonly backends: readonly Backend[]
  /**
   * The order for hooks that enforce, if it differs: the kernel skips a trampoline's program while
   * a preempted task is inside it on the same CPU, which attackers can provoke.
   */
  readonly enforcingBackends?: readonly Backend[]
  /** Functions of a hook: one, or those of its list. */
  targets(hook: Hook, list: NamedList | undefined, kernel: KernelView): readonly TargetFunction[]
  /** Whether planning the hook asks for symbols of the kernel; false if undefined. */
  needsSymbols?(hook: Hook, list: NamedList | undefined, kernel: KernelView): boolean
  /** Whether this kernel has it. */
  exists(target: TargetFunction, hook: Hook, kernel: KernelView): boolean
  /** The error if it does not. */
  absence(target: TargetFunction): string
  /** The most similar name, as in policies. */
  nearest(target: TargetFunction, kernel: KernelView, hook: Hook): string | undefined
  /** Parameters of the function; undefined if unknown. */
  parameters(hook: Hook, btf: Btf): readonly ParameterType[] | undefined
  /** BTF type of the return value; undefined if unknown. */
  resultType(hook: Hook, btf: Btf): number | undefined
  /**
   * Types of arguments for which the policy names none. Fields that the hook lacks are added to
   * `found`; missing functions are not.
   */
  inferredTypes?(
    hook: Hook,
    document: PolicyDocument,
    kernel: KernelView,
    found: Diagnostic[],
  ): TypeOfArgument | undefined
  /** What else is wrong with a hook. */
  check?(hook: Hook, document: PolicyDocument, kernel: KernelView): readonly Diagnostic[]
  /** The first fields of its event, for a function of a plan. */
  head(hook: Hook, name: string, plan: HookPlan, index: number): EventHead
}

/** The type of an argument for which the policy names none; undefined if unknown. */
export type TypeOfArgument = (argument: Argument) => ArgumentTypeName | undefined

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
