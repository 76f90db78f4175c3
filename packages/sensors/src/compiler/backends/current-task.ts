import type { Code, Ptr } from '@tetragon-ts/ebpf/lang'
import { TaskStruct } from '../../kernel/types.ts'

const tasks = new WeakMap<Code, Ptr<TaskStruct>>()

/** The task that runs, asked for once in each program; hits ask at their beginning. */
export function currentTask(k: Code): Ptr<TaskStruct> {
  let task = tasks.get(k)
  if (!task) {
    task = k.currentTask(TaskStruct)
    tasks.set(k, task)
  }
  return task
}
