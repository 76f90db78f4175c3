import { helper } from '../../asm/index.ts'
import type { Builder } from '../builder.ts'
import { Int } from '../int.ts'

/**
 * Keeps a program from a private stack.
 *
 * Problem: from Linux 6.13 on, programs of type kprobe with 64 bytes of stack or more have one
 * stack for each CPU, since the kernel does not run them again before they end there
 * (bpf_enable_priv_stack, kernel/bpf/verifier.c). At uprobes it does: they can be preempted, and
 * may sleep (uprobe_prog_run, kernel/trace/bpf_trace.c). Then two threads share the stack, and a
 * pointer that was spilled is overwritten; a test crashed Linux 7.3 in seconds.
 *
 * Decision: a program with a tail call gets no private stack (check_max_stack_depth). So there is
 * one where it is never executed; the verifier removes it.
 */
export function keepOwnStack(builder: Builder): void {
  const never = builder.register()
  builder.emit({ op: 'constant', dst: never, value: 0n })
  const after = builder.target('own_stack')
  new Int(builder, never).ne(0).jumpUnless(after)
  builder.emit({ op: 'call', helper: helper.tail_call, args: [] })
  builder.place(after)
}
