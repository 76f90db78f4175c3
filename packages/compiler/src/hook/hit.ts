import type { Code, Int, IntLike, KernelStruct, Ptr, TracepointField } from '@tetragon-ts/ebpf/lang'
import { Int as IntClass } from '@tetragon-ts/ebpf/lang'
import type { Action } from '@tetragon-ts/policy'
import type { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { TaskStruct } from '@tetragon-ts/sensors/kernel/types'

/** A parameter from a back end: an integer, or a pointer with or without typed loads. */
export type Raw = Int | Ptr<object>

/** The result of a program that decides. */
export interface Verdict {
  /** @param error negative error number for the caller, where the program can choose it */
  refuse(error: number): void
}

/** A hit of a hook as policy code sees it, whichever back end it came from. */
export interface Hit {
  readonly k: Code
  /** The current task. */
  readonly task: Ptr<TaskStruct>
  /**
   * The full socket that the hit belongs to, if it belongs to no process: then the current task may
   * be any, and nothing may be decided by it.
   */
  readonly socket?: Ptr<Sock>
  /** Whether the hook is never hit within execve(2) after the point of no return. */
  readonly outsideExec?: boolean
  /** Whether the hook is in user space: then all arguments are, too. */
  readonly inUserSpace?: boolean
  /** Whether the program may wait for memory of user space that is not resident. */
  readonly faultsIn?: boolean
  /** The parameter at this position; undefined if the back end does not have it. */
  parameter(index: number): Raw | undefined
  /** 1 if the parameter could not be read, else 0; undefined if it always can. */
  failed?(index: number): Int | undefined
  /** The address of a parameter in memory of user space. @throws RangeError if it is elsewhere */
  addressOf?(index: number): Int
  /** A pointer parameter as a trusted pointer: for helpers, never for loads. */
  trusted?(index: number): Ptr<object> | undefined
  /**
   * A register by name: for a system call of user space, for any other function at its entry.
   * Undefined if the back end does not have registers.
   */
  register?(name: string): Int | undefined
  /**
   * Where the function returns to, at a hook of user space that is its first instruction; 0 if it
   * is unknown. Stacks lack it there, since the frame pointer is still that of the caller.
   */
  returnAddress?(): Int
  /** The return value, if the hit is a return. */
  readonly result?: Raw
  /** The result of the program, where it takes the place of that of the function. */
  readonly verdict?: Verdict
  /**
   * Continues the thread as an action says, with other registers, when the program ends: at
   * functions of user space. Returns 0, or a negative error number.
   */
  redirect?(action: Action<'Override'>): Int
  /**
   * Sets a parameter that is in a register when the program ends: at functions of user space. Other
   * programs at the function see the new value.
   */
  setParameter?(index: number, value: number): void
  /** Index among the functions that share the program. */
  readonly functionIndex: IntLike
  /** Distinguishes a call from calls inside it: the same at its entry and its return. */
  readonly frame?: IntLike | undefined
  /**
   * The field at this position of a tracepoint's record; its `parameter` is a number, or the
   * address of an array or of data elsewhere in the record.
   */
  field?(index: number): TracepointField | undefined
  /** Length of a field elsewhere in the record (`__data_loc`). */
  dataLength?(index: number): Int | undefined
}

/**
 * An argument of a raw tracepoint or an LSM hook. If the verifier trusts such pointers (Linux 6.2),
 * a load through one that is NULL nevertheless, such as the file of an anonymous mapping in the
 * hook mmap_file, would crash the kernel. So it is read with loads that may fail, unless the kernel
 * is known not to trust it.
 */
export function untrusted(k: Code, raw: Raw): Raw {
  return raw instanceof IntClass || k.target.guardedArguments === true ? raw : k.number(raw)
}

/**
 * A task whose pointers are followed as numbers where that needs no probe reads: for each typed
 * pointer the verifier searches the kernel's types, which takes up to a millisecond.
 */
export function plainTask(k: Code, task: Ptr<TaskStruct>): Ptr<TaskStruct> {
  return k.target.directReads ? k.cast(TaskStruct, k.number(task)) : task
}

/** A parameter as a number: for a pointer, its address. */
export function asInt(k: Code, raw: Raw): Int {
  return raw instanceof IntClass ? raw : k.number(raw)
}

/**
 * A parameter as a pointer to a structure. If the verifier knows it to be such a pointer, typed
 * loads are used, otherwise probe reads.
 */
export function asPointer<T>(k: Code, raw: Raw, struct: KernelStruct<T>): Ptr<T> {
  if (!(raw instanceof IntClass) && k.pointsAt(raw, struct)) return raw as Ptr<T>
  return k.cast(struct, raw)
}
