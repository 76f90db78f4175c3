import { onDemand, program } from '@tetragon-ts/ebpf/lang'
import { TaskStruct } from '../../kernel/types.ts'
import type { ProcessWalk } from './process-walk.ts'

/** The kernel's iterator for programs. It knows no pid namespaces. Kernel 6.7. */
export const eachProcessWalk: ProcessWalk = {
  kind: 'each_process',
  isComplete: true,
  program: (name, body) =>
    program(name, onDemand(), (k) => k.eachProcess(TaskStruct, (task) => body(k, task))),
  run(loaded) {
    loaded.testRun()
  },
}
