import type { Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { isKernelThread } from '@tetragon-ts/sensors/process/identity'
import type { StartedProgram } from '../hook/membership.ts'
import { existsAlready, memberBits, runningCommands } from './member.ts'
import type { ProcessSet } from './process-set.ts'

// Transitions of a set when a process forks, executes a program or ends, and when a walk visits it.
// During a walk these come in any order: the walk sees a child before the hook of its fork, or a
// process forks before the walk has visited it. So each adds to what the others have entered.

const { self, parent: parentBit, forked, unknown, parentUnknown } = memberBits

/** PF_FORKNOEXEC in include/linux/sched.h: no exec since the fork. */
const noExec = 0x40

/** The bit of a process whose parent has these bits. */
function unknownParent(bits: Int): Int {
  return bits.and(unknown).mul(parentUnknown / unknown)
}

/** A child runs the program of the process that forked: it is a member if that one is. */
export function afterFork(
  k: Code,
  set: ProcessSet,
  forker: Ptr<TaskStruct>,
  child: Ptr<TaskStruct>,
): void {
  k.when(child.pid.ne(child.tgid), k.exit)
  const bits = k.variable(0)
  const image = set.find(k, forker.tgid)
  k.when(image, () => bits.set(image.bits.and(set.ownBits)))
  // With CLONE_PARENT they differ.
  const parent = set.find(k, child.real_parent.tgid)
  k.when(parent, () => {
    k.when(parent.bits.has(self), () => {
      bits.set(bits.or(set.membership.inherited ? self | parentBit : parentBit))
    })
    if (set.hasUnknown) bits.set(bits.or(unknownParent(parent.bits)))
  })
  const { leaves, decidedAt } = set.membership
  if (leaves !== undefined) {
    k.when(
      bits.has(self).and(() => leaves(k, forker, child)),
      () => bits.set(bits.and(parentBit)),
    )
  }
  if (decidedAt === 'fork') {
    k.when(bits.and(self).eq(0), () => bits.set(bits.or(set.decide(k, { task: child }))))
  }
  const addToKnown = (): void =>
    set.ifKnown(k, child, (known) => {
      k.assign(known, { bits: known.bits.or(bits).or(forked) })
      k.exit()
    })
  addToKnown() // by a walk, or by another copy of the program
  k.when(bits.eq(0), k.exit)
  const result = set.put(k, child, { bits: bits.or(forked), execs: child.self_exec_id }, 'new')
  k.when(result.eq(existsAlready), addToKnown)
}

/**
 * Decides again at each exec. The parent of the first image after a fork is the process that
 * forked; the parent of a later image is the image that it replaced.
 */
export function afterExec(k: Code, set: ProcessSet, started: StartedProgram): void {
  const { task } = started
  const execs = task.self_exec_id
  const handled = set.find(k, task.tgid)
  k.when(handled, () => k.when(handled.execs.eq(execs), k.exit)) // another copy was here
  const bits = set.decide(k, started)
  // Deciding takes long: a walk may have added bits in between.
  const before = k.variable(0)
  const known = set.find(k, task.tgid)
  k.when(known, () => before.set(known.bits))
  k.when(before.ne(0), () => {
    const wasIn = before.and(self)
    if (set.membership.inherited) bits.set(bits.or(wasIn))
    k.when(
      before.has(forked),
      () => bits.set(bits.or(before.and(parentBit | parentUnknown))),
      () => {
        k.when(wasIn.ne(0), () => bits.set(bits.or(parentBit)))
        if (set.hasUnknown) bits.set(bits.or(unknownParent(before)))
      },
    )
    k.when(bits.eq(0), () => {
      set.forget(k, task.tgid)
      k.exit()
    })
  })
  k.when(bits.ne(0), () => set.put(k, task, { bits, execs }))
}

/**
 * Removes a process when it is released: until then hooks may see it. Its pid may already be
 * reused.
 */
export function afterRelease(k: Code, set: ProcessSet, task: Ptr<TaskStruct>): void {
  k.when(task.pid.ne(task.tgid), k.exit)
  const start = task.start_boottime
  const known = set.find(k, task.tgid)
  k.unless(known, k.exit)
  k.when(known.start.eq(start), () => set.forget(k, task.tgid))
}

/** Adds a running process by what it runs, whatever its fork has entered. */
export function visit(k: Code, set: ProcessSet, task: Ptr<TaskStruct>): void {
  k.when(task.pid.ne(task.tgid), k.exit)
  const execs = task.self_exec_id
  const bits = set.decide(k, { task })
  k.when(bits.eq(0), k.exit)
  set.ifKnown(k, task, (known) => {
    // Of an exec before or after this one: its program decides.
    k.when(known.execs.ne(execs), k.exit)
    addTo(k, set, known, bits)
  })
  enter(k, set, task, { bits, execs })
}

/**
 * Adds a running process by its command line, as user space has read it; without that, or after
 * another exec, it is unknown. Entries of fork and exec are not changed, unless it is
 * unknown.
 */
export function visitCommand(k: Code, set: ProcessSet, task: Ptr<TaskStruct>): void {
  k.when(
    task.pid.ne(task.tgid).or(() => isKernelThread(task)),
    k.exit,
  )
  const execs = task.self_exec_id
  const bits = k.variable(unknown)
  const read = k.lookup(runningCommands, task.tgid)
  k.when(read, () => {
    const isSame = read.execs.eq(execs.low32()).and(() => read.start.eq(task.start_boottime))
    k.when(isSame, () => bits.set(read.bits))
  })
  set.ifKnown(k, task, (known) => {
    k.when(
      known.execs.ne(execs).or(() => known.bits.has(self)),
      k.exit,
    )
    const all = known.bits.and(~set.ownBits).or(bits)
    k.when(known.bits.eq(all), k.exit)
    k.assign(known, { bits: all })
    set.countAddition(k)
    k.exit()
  })
  k.when(bits.eq(0), k.exit)
  enter(k, set, task, { bits, execs })
}

/** Adds a running process if its parent is a member. */
export function visitChild(k: Code, set: ProcessSet, task: Ptr<TaskStruct>): void {
  k.when(task.pid.ne(task.tgid), k.exit)
  const execs = task.self_exec_id
  const parent = set.find(k, task.real_parent.tgid)
  k.unless(parent, k.exit)
  const { inherited, leaves } = set.membership
  const isMember = parent.bits.and(self)
  const uncertain = set.hasUnknown ? unknownParent(parent.bits) : undefined
  k.when(uncertain ? isMember.or(uncertain).eq(0) : isMember.eq(0), k.exit)
  const bits = k.variable(isMember.mul(inherited ? self | parentBit : parentBit))
  if (uncertain) bits.set(bits.or(uncertain))
  if (leaves !== undefined) {
    k.when(leaves(k, task.real_parent, task), () => bits.set(parentBit))
  }
  set.ifKnown(k, task, (known) => {
    // After an exec another process may be its parent. Before one, its program keeps what counts.
    k.when(known.execs.gt(execs), () => {
      set.countAddition(k)
      k.exit()
    })
    addTo(k, set, known, bits)
  })
  enter(k, set, task, { bits, execs })
}

/** Adds bits to an entry, and ends the program. */
function addTo(k: Code, set: ProcessSet, known: ReturnType<ProcessSet['find']>, bits: Int): void {
  const all = known.bits.or(bits)
  k.when(known.bits.eq(all), k.exit)
  k.assign(known, { bits: all })
  set.countAddition(k)
  k.exit()
}

/**
 * Makes the entry of a running process, for the image with this count of execs. The process may run
 * an exec in between: then the walk visits it again.
 */
function enter(
  k: Code,
  set: ProcessSet,
  task: Ptr<TaskStruct>,
  { bits, execs }: { readonly bits: Int; readonly execs: Int },
): void {
  set.countAddition(k)
  const sinceFork = k.select(task.flags.has(noExec), forked, 0)
  set.put(k, task, { bits: bits.or(sinceFork), execs }, 'new')
  // The exec program may have run before there was an entry that it could replace.
  k.when(task.self_exec_id.ne(execs), () => {
    const entered = set.find(k, task.tgid)
    k.when(entered, () => k.when(entered.execs.eq(execs), () => set.forget(k, task.tgid)))
  })
}
