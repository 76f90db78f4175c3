import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { HlistNode, Pid, TaskStruct, Upid, XaNode } from '../../kernel/types.ts'

/** PID_MAX_LIMIT in include/linux/threads.h is 2^22. */
const pidBits = 22
/** xa_is_node in include/linux/xarray.h: entries of the kernel's own up to this are not nodes. */
const lastReserved = 4096

/** Kinds of pids, with their numbers in kernels whose types do not have them. */
const kinds = { PIDTYPE_PID: 0, PIDTYPE_TGID: 1 } as const

/** The process with a pid of the host. Ends the program if there is none. */
export function findProcess(k: Code, number: Int): Ptr<TaskStruct> {
  const task = findTask(k, number, 'PIDTYPE_TGID', k.exit)
  k.when(task.tgid.ne(number), k.exit)
  return task
}

/** The thread with a number of the host. @param end ends the program if there is none */
export function findThread(k: Code, number: Int, end: () => void): Ptr<TaskStruct> {
  const task = findTask(k, number, 'PIDTYPE_PID', end)
  k.when(task.pid.ne(number), end)
  return task
}

/**
 * A task, found as find_task_by_pid_ns does (kernel/pid.c). A program on demand runs in an RCU
 * section, in which the nodes of the tree, the pid and the task stay allocated.
 */
function findTask(
  k: Code,
  number: Int,
  name: keyof typeof kinds,
  end: () => void,
): Ptr<TaskStruct> {
  const pid = k.cast(Pid, findPid(k, number, end))
  const kind = k.enumerator(name) ?? kinds[name]
  const link = k.number(pid.tasks.at(kind).first)
  k.when(link.eq(0), end)
  const links = link.sub(kind * k.layout(HlistNode).size)
  return k.containerOf(TaskStruct, 'pid_links', links)
}

/** Address of the structure of a pid, in the tree of the host's pid namespace (lib/xarray.c). */
function findPid(k: Code, number: Int, end: () => void): Int {
  const { thread_pid } = k.currentTask(TaskStruct)
  const { ns } = k.snapshot(Upid, k.addressOf(thread_pid, 'numbers'), ['ns'])
  const entry = k.variable(ns.idr.idr_rt.xa_head)
  const slots = k.layout(XaNode).member('slots')?.type
  const width = slots?.kind === 'array' ? Math.log2(slots.length) : 0
  for (let level = 0; level < Math.ceil(pidBits / width); level++) {
    k.when(isNode(entry), () => {
      const node = k.cast(XaNode, entry.sub(2))
      const rest = number.shiftRight(node.shift)
      // A larger number than those in the tree.
      if (level === 0) k.when(rest.ge(2 ** width), end)
      const index = rest.and(2 ** width - 1)
      entry.set(k.loadKernel(8, k.addressOf(node, 'slots').add(index.mul(8))))
    })
  }
  k.when(entry.eq(0).or(entry.has(3)), end)
  return entry
}

function isNode(entry: Int): Condition {
  return entry.and(3).eq(2).and(entry.gt(lastReserved))
}
