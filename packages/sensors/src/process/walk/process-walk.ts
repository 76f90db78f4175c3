import type { Code, Program, Ptr } from '@tetragon-ts/ebpf/lang'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import type { TaskStruct } from '../../kernel/types.ts'

/** Code for a process. It may end the program: then the walk continues with the next process. */
export type ForProcess = (k: Code, task: Ptr<TaskStruct>) => void

/** A way to run a program for each process. */
export interface ProcessWalk {
  readonly kind: 'each_process' | 'iterator' | 'lookup'
  /** Whether it visits all processes of the machine, not only those of the agent's namespace. */
  readonly isComplete: boolean
  /** A program that `run` runs for each process, in any order; it may get other threads too. */
  program(name: string, body: ForProcess): Program
  /** Visits the processes. @throws SystemCallError */
  run(program: LoadedProgram): void
}
