import { type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import type { TaskStruct } from '../../kernel/types.ts'
import type { ProcessWalk } from '../../process/walk/index.ts'
import { memberBits } from './member.ts'
import type { ProcessSet } from './process-set.ts'

const { self, parent: parentBit, forked } = memberBits

/**
 * Decides again at each exec. The parent of the first image after a fork is the process that
 * forked; the parent of a later image is the image that it replaced.
 */
export function execProgram(set: ProcessSet): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_process_exec')
  return program('tg_members_exec', hook, (k, task) => {
    const execs = task.self_exec_id
    const before = k.variable(0)
    const known = set.find(k, task.tgid)
    k.when(known, () => {
      k.when(known.execs.eq(execs), k.exit) // another copy was here
      before.set(known.bits)
    })
    const bits = set.decide(k, task)
    k.when(before.ne(0), () => {
      const wasIn = before.and(self)
      if (set.membership.inherited) bits.set(bits.or(wasIn))
      k.when(
        before.has(forked),
        () => bits.set(bits.or(before.and(parentBit))),
        () => k.when(wasIn.ne(0), () => bits.set(bits.or(parentBit))),
      )
      k.when(bits.eq(0), () => {
        set.forget(k, task.tgid)
        k.exit()
      })
    })
    k.when(bits.ne(0), () => set.put(k, task, bits))
  })
}

/** A child runs its parent's program: it is a member if its parent is. */
export function forkProgram(set: ProcessSet): Program {
  const hook = tpBtf<[forker: Ptr<TaskStruct>, child: Ptr<TaskStruct>]>('sched_process_fork')
  return program('tg_members_fork', hook, (k, forker, child) => {
    k.when(child.pid.ne(child.tgid), k.exit)
    const bits = k.variable(0)
    const image = set.find(k, forker.tgid)
    k.when(image, () => bits.set(image.bits.and(self)))
    // With CLONE_PARENT they differ.
    const parent = set.find(k, child.real_parent.tgid)
    k.when(parent, () =>
      k.when(parent.bits.has(self), () => {
        bits.set(bits.or(set.membership.inherited ? self | parentBit : parentBit))
      }),
    )
    const { leaves, decidedAt } = set.membership
    if (leaves !== undefined) {
      k.when(
        bits.has(self).and(() => leaves(k, forker, child)),
        () => bits.set(bits.and(parentBit)),
      )
    }
    if (decidedAt === 'fork') {
      k.when(bits.and(self).eq(0), () => bits.set(bits.or(set.decide(k, child))))
    }
    k.when(
      bits.eq(0),
      () => set.forget(k, child.tgid), // of an earlier process of this pid
      () => set.put(k, child, bits.or(forked)),
    )
  })
}

/**
 * Removes a process when it is released: until then hooks may see it. Its pid may already be
 * reused.
 */
export function forgetEnded(set: ProcessSet): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_process_free')
  return program('tg_members_free', hook, (k, task) => {
    k.when(task.pid.ne(task.tgid), k.exit)
    const start = task.start_boottime
    const known = set.find(k, task.tgid)
    k.unless(known, k.exit)
    k.when(known.start.eq(start), () => set.forget(k, task.tgid))
  })
}

/** Adds the running processes. A process that calls exec in between is left to the exec program. */
export function runningProgram(set: ProcessSet, walk: ProcessWalk): Program {
  return walk.program('tg_members_run', (k, task) => {
    k.when(task.pid.ne(task.tgid), k.exit)
    const execs = task.self_exec_id
    const bits = set.decide(k, task)
    k.when(bits.eq(0), k.exit)
    k.when(task.self_exec_id.ne(execs), k.exit)
    set.put(k, task, bits, 'new')
  })
}

/** Adds the children of members; it runs repeatedly as long as the set grows. */
export function kinProgram(set: ProcessSet, walk: ProcessWalk): Program {
  return walk.program('tg_members_kin', (k, task) => {
    k.when(task.pid.ne(task.tgid), k.exit)
    const parent = set.find(k, task.real_parent.tgid)
    k.unless(parent, k.exit)
    k.when(parent.bits.and(self).eq(0), k.exit)
    const { inherited, leaves } = set.membership
    const wanted = k.variable(inherited ? self | parentBit : parentBit)
    if (leaves !== undefined) {
      k.when(leaves(k, task.real_parent, task), () => wanted.set(parentBit))
    }
    const known = set.find(k, task.tgid)
    k.when(
      known,
      () => k.assign(known, { bits: known.bits.or(wanted) }),
      () => set.put(k, task, wanted, 'new'),
    )
  })
}
