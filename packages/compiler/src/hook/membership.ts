import type { Code, Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { CodeContext } from './code-context.ts'

/** What all process sets have. */
interface MembershipFacts {
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
}

/** A process when its membership is decided. */
export interface StartedProgram {
  readonly task: Ptr<TaskStruct>
  /** Address of the called path, at an exec. */
  readonly filename?: Int
}

/** A running process, as user space reads it. */
export interface RunningProgram {
  /** The content of /proc/PID/cmdline. */
  readonly commandLine: Uint8Array
  /** The path of its executable; undefined: unknown, or not needed. */
  readonly path: Uint8Array | undefined
}

/** A set of processes that are members or not. */
export interface PlainMembership extends MembershipFacts {
  isMember(task: Ptr<TaskStruct>, context: CodeContext): Condition
}

/**
 * A set by the command lines of processes. They are in memory that a process can change, so they
 * are only read at its exec. Whether a process is a member may be unknown.
 */
export interface CommandMembership extends MembershipFacts {
  readonly decidedAt: 'exec'
  readonly inherited: false
  /** Whether conditions on the parent use it: then children know that it is unknown of theirs. */
  readonly ofParents: boolean
  /** Whether the path of a running process is needed. */
  readonly needsPath: boolean
  /** Bits of `memberBits` for the task that runs the exec. */
  atExec(started: StartedProgram, context: CodeContext): Int
  /** `self`, `unknown` or 0 of `memberBits`. */
  ofRunning(running: RunningProgram): number
}

/** Definition of a process set. */
export type Membership = PlainMembership | CommandMembership

/** Whether membership depends on the command line, which is only read at the exec. */
export function isOfCommands(membership: Membership): membership is CommandMembership {
  return 'atExec' in membership
}

/** The process sets of a policy, as conditions use them. */
export interface ProcessSetTests {
  /** The set with these members, created on first use. */
  get(membership: Membership): {
    /** Whether a process is a member, or has a parent that is. */
    contains(k: Code, pid: Int, which?: 'self' | 'parent'): Condition
    /** Bits of `memberBits` for a process; 0 if it is unrelated to the set. */
    bitsOf(k: Code, pid: Int): Int
  }
}
