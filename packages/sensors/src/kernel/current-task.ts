import type { Code, Ptr } from '@tetragon-ts/ebpf/lang'
import { TaskStruct } from './types.ts'

const tasks = new WeakMap<Code, Ptr<TaskStruct>>()

/** The current task, read once per program at the start of a hit. */
export function currentTask(k: Code): Ptr<TaskStruct> {
  let task = tasks.get(k)
  if (!task) {
    task = k.currentTask(TaskStruct)
    tasks.set(k, task)
  }
  return task
}
