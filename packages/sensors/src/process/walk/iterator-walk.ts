import { iterator, type Ptr, program } from '@tetragon-ts/ebpf/lang'
import { attachIterator, runIterator } from '@tetragon-ts/ebpf/links'
import type { TaskStruct } from '../../kernel/types.ts'
import type { ProcessWalk } from './process-walk.ts'

const hook = iterator<[task: Ptr<TaskStruct>]>('task', ['task'])

/**
 * The task iterator. It visits the threads of the pid namespace that it is opened in, in the order
 * of their pids. Kernel 5.8.
 */
export function iteratorWalk(isComplete: boolean): ProcessWalk {
  return {
    kind: 'iterator',
    isComplete,
    program: (name, body) =>
      program(name, hook, (k, task) => {
        k.unless(task, k.exit) // the end of the walk
        body(k, task)
      }),
    run(loaded) {
      using link = attachIterator(loaded, hook.target)
      runIterator(link)
    },
  }
}
