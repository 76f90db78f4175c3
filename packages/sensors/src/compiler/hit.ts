import type { Code, Int, IntLike, KernelStruct, Ptr } from '@tetragon-ts/ebpf/lang'
import { Int as IntClass } from '@tetragon-ts/ebpf/lang'
import type { TracepointField } from '@tetragon-ts/ebpf/links'
import { TaskStruct } from '../kernel/types.ts'

/** A parameter as a back end has it: an integer, or a pointer with or without typed loads. */
export type Raw = Int | Ptr<object>

/** A hit of a hook as the code of a policy sees it, whichever back end brought it there. */
export interface Hit {
  readonly k: Code
  /** The task that runs. */
  readonly task: Ptr<TaskStruct>
  /** Whether the hook is never hit within execve(2), after the point of no return. */
  readonly outsideExec?: boolean
  /** The function's parameter at this position; undefined where the back end does not have it. */
  parameter(index: number): Raw | undefined
  /** A pointer parameter as the verifier trusts it: for helpers, never to be read through. */
  trusted?(index: number): Ptr<object> | undefined
  /**
   * A register by name: of a system call as user space left it, of any other function as it was at
   * its entry. Undefined where the back end does not have them.
   */
  register?(name: string): Int | undefined
  /** What the function returned, where the hit is its return. */
  readonly result?: Raw
  /** Which of the functions that share the program was hit. */
  readonly functionIndex: IntLike
  /** Tells a call from those inside it: the same at its entry and its return. */
  readonly frame?: IntLike | undefined
  /** Of a tracepoint's record the field at this position; its `parameter` is a number, or the
   * address of an array or of data elsewhere in the record. */
  field?(index: number): TracepointField | undefined
  /** Bytes of a field that lies elsewhere in the record (`__data_loc`). */
  dataLength?(index: number): Int | undefined
}

/**
 * An argument of a raw tracepoint or an LSM hook. Where the verifier trusts such pointers (kernel
 * 6.2) a load through one that is NULL after all, as the file of an anonymous mapping in the hook
 * mmap_file, would bring the kernel down. So it is read as any address is, with loads that may
 * fail, unless the kernel was seen not to trust it.
 */
export function untrusted(k: Code, raw: Raw): Raw {
  return raw instanceof IntClass || k.target.guardedArguments === true ? raw : k.number(raw)
}

/**
 * A task whose pointers are followed as numbers where that costs no probe reads: for each that is
 * typed the verifier searches the kernel's types, which takes it up to a millisecond.
 */
export function plainTask(k: Code, task: Ptr<TaskStruct>): Ptr<TaskStruct> {
  return k.target.directReads ? k.cast(TaskStruct, k.number(task)) : task
}

/** A parameter as a number: of a pointer its address. */
export function asInt(k: Code, raw: Raw): Int {
  return raw instanceof IntClass ? raw : k.number(raw)
}

/**
 * A parameter as a pointer to a structure. A pointer that the verifier knows to be one keeps its
 * typed loads; any other is read with probe reads.
 */
export function asPointer<T>(k: Code, raw: Raw, struct: KernelStruct<T>): Ptr<T> {
  if (!(raw instanceof IntClass) && k.pointsAt(raw, struct)) return raw as Ptr<T>
  return k.cast(struct, raw)
}
