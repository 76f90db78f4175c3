import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { HlistNode, Pid, TaskStruct, Upid, XaNode } from '../../kernel/types.ts'

/** PID_MAX_LIMIT in include/linux/threads.h is 2^22. */
const pidBits = 22
/** xa_is_node in include/linux/xarray.h: entries of the kernel's own up to this are no nodes. */
const lastReserved = 4096

/**
 * The process with a pid of the host, found as find_task_by_pid_ns does (kernel/pid.c). A program
 * on demand runs in an RCU section, in which the nodes of the tree, the pid and the task stay
 * allocated. Ends the program if no process has the pid.
 */
export function findProcess(k: Code, number: Int): Ptr<TaskStruct> {
  const pid = k.cast(Pid, findPid(k, number))
  const kind = k.enumerator('PIDTYPE_TGID') ?? 1
  const link = k.number(pid.tasks.at(kind).first)
  k.when(link.eq(0), k.exit)
  const links = link.sub(kind * k.layout(HlistNode).size)
  const task = k.containerOf(TaskStruct, 'pid_links', links)
  k.when(task.tgid.ne(number), k.exit)
  return task
}

/** Address of the structure of a pid, in the tree of the host's pid namespace (lib/xarray.c). */
function findPid(k: Code, number: Int): Int {
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
      if (level === 0) k.when(rest.ge(2 ** width), k.exit)
      const index = rest.and(2 ** width - 1)
      entry.set(k.loadKernel(8, k.addressOf(node, 'slots').add(index.mul(8))))
    })
  }
  k.when(entry.eq(0).or(entry.has(3)), k.exit)
  return entry
}

function isNode(entry: Int): Condition {
  return entry.and(3).eq(2).and(entry.gt(lastReserved))
}
