import type { Btf } from '../btf/index.ts'

/** What a program is built for: the running kernel's types and abilities. */
export interface Target {
  readonly btf: Btf
  /** bpf_loop (kernel 5.17): long loops cost the verifier nothing. */
  readonly bpfLoop: boolean
  /** bpf_get_current_task_btf (kernel 5.11): the current task as a typed pointer. */
  readonly currentTaskBtf?: boolean
  /** bpf_rdonly_cast (kernel 6.2): numbers anywhere in kernel memory are read without a helper. */
  readonly directReads?: boolean
  /** Such reads reach all members of a structure from one cast (Linux 6.12 can, 6.1 cannot). */
  readonly openReads?: boolean
  /** Programs read the kernel's own fields of a map (kernel 5.9). */
  readonly mapFields?: boolean
  /**
   * A load through a pointer that a program at a raw tracepoint or LSM hook gets may fault, and
   * gives zero then: the verifier does not trust these pointers (before kernel 6.2).
   */
  readonly guardedArguments?: boolean
  /** Jumps go further than 16 bits of instructions (kernel 6.6). */
  readonly longJumps?: boolean
  /** Memory can be exchanged atomically (kernel 5.12). */
  readonly exchange?: boolean
}
