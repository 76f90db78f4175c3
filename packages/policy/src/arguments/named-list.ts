import type { Located } from './located.ts'

/** Named functions or system calls (`spec.lists`), for hooks and matches. */
export interface NamedList extends Located {
  readonly name: string
  readonly type: 'functions' | 'syscalls' | 'generated_syscalls' | 'generated_ftrace'
  readonly values: readonly string[]
  readonly pattern?: string
}
