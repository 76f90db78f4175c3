import { programType } from '@tetragon-ts/ebpf/asm'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Hook as AttachPoint, Bytes, Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import type { Hook } from '@tetragon-ts/policy'
import { anyOf } from '../hook/any-of.ts'
import type { Hit } from '../hook/hit.ts'

/** The kinds of stack traces. */
export type StackKind = 'kernel' | 'user'
export const stackKinds: readonly StackKind[] = ['kernel', 'user']

/** PERF_MAX_STACK_DEPTH: the kernel's limit. */
const frames = 127
const frameSize = 8
const mask = 1023

/**
 * Types whose programs are called by their trampoline or by bpf_trace_runN: both are in the
 * kernel's stack. That of others starts at their hook: it is read from the registers there.
 */
const calledTypes: readonly number[] = [
  ...[programType.rawTracepoint, programType.tracing, programType.lsm],
]

/** The number of frames in the kernel's stack that are those of a program and its caller. */
export function ownFramesAt(hook: AttachPoint, btf: Btf): number {
  return calledTypes.includes(hook.resolve(btf).programType) ? 2 : 0
}

/** BPF_F_USER_STACK in include/uapi/linux/bpf.h. Its lowest byte is a number of frames to skip. */
const userStack = 256

/** Types that may read stacks: kprobe, tracepoint, perf event, raw tracepoint, tracing, LSM. */
const withStacks: readonly number[] = [2, 5, 7, 17, 26, 29]

/** Whether programs of this type (`enum bpf_prog_type`) may read stacks. */
export function mayReadStacks(programType: number): boolean {
  return withStacks.includes(programType)
}

/** Selectors whose events have a trace of this stack. */
export function selectorsWithStack({ selectors }: Hook, kind: StackKind): readonly number[] {
  return selectors.flatMap(({ actions }, i) => {
    const wants = actions.some(
      (action) =>
        action.action === 'Post' &&
        (kind === 'kernel' ? action.kernelStackTrace : action.userStackTrace),
    )
    return wants ? [i] : []
  })
}

/** Field of a record with the addresses of a stack, innermost first. */
export function stackField(kind: StackKind): string {
  return `${kind}_stack`
}

/**
 * Writes the addresses of a stack.
 * @param ownFrames number of frames of the program and its caller, which are skipped
 * @returns number of bytes, 0 if the selector requests none
 */
export function writeStack(
  hit: Hit,
  to: Bytes,
  kind: StackKind,
  selector: Int,
  wanted: readonly number[],
  ownFrames: number,
): Int {
  const { k } = hit
  const length = k.variable(0)
  k.when(
    anyOf(
      k,
      wanted.map((i) => () => selector.eq(i)),
    ),
    () => {
      if (kind === 'user' && hit.returnAddress) writeFromStart(hit, to, length)
      else length.set(getStack(k, to, frames, kind === 'user' ? userStack : ownFrames))
    },
  )
  return length.and(mask)
}

/** @returns number of bytes, 0 without a stack */
function getStack(k: Code, to: Bytes, count: number, flags: number): Int {
  const length = k.variable(0)
  const result = k.call('get_stack', k.context, to, count * frameSize, flags)
  k.when(result.signedGt(0), () => length.set(result))
  return length
}

/**
 * Writes the user stack at the start of a function. Linux 6.11 and later include the caller if the
 * function starts with `push %rbp`; others omit it. So the complement of its address comes first,
 * which differs from all addresses of user space: the reader decides.
 */
function writeFromStart(hit: Hit, to: Bytes, length: Variable): void {
  const { k } = hit
  const found = getStack(k, to.at(frameSize), frames - 1, userStack)
  const caller = hit.returnAddress?.() ?? k.variable(0)
  k.when(found.ne(0), () => {
    to.store(frameSize, 0, caller.xor(-1))
    length.set(found.add(frameSize))
  })
}
