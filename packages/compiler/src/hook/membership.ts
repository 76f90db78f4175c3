import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { CodeContext } from './code-context.ts'

/** Definition of a process set. */
export interface Membership {
  /** Sets with the same key have the same members. */
  readonly key: string
  /** When membership is decided: at the fork, or at each exec. */
  readonly decidedAt: 'fork' | 'exec'
  /** Whether all descendants of a member are members. */
  readonly inherited: boolean
  /** Whether a child is not a member because its parent is one; for inherited sets. */
  readonly leaves?: (k: Code, parent: Ptr<TaskStruct>, child: Ptr<TaskStruct>) => Condition
  /** Memory besides the stack that the decision needs, if any. */
  readonly needsScratch: boolean
  isMember(task: Ptr<TaskStruct>, context: CodeContext): Condition
}

/** The process sets of a policy, as conditions use them. */
export interface ProcessSetTests {
  /** The set with these members, created on first use. */
  get(membership: Membership): {
    /** Whether a process is a member, or has a parent that is. */
    contains(k: Code, pid: Int, which?: 'self' | 'parent'): Condition
  }
}
