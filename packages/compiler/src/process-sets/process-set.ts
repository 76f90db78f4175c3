import type { Code, Condition, Int, Program, Ptr, Variable } from '@tetragon-ts/ebpf/lang'
import { countLoss } from '@tetragon-ts/sensors/kernel/loss'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { ProcessWalk } from '@tetragon-ts/sensors/process/walk'
import type { CodeContext } from '../hook/code-context.ts'
import {
  isOfCommands,
  type Membership,
  type ProcessSetTests,
  type StartedProgram,
} from '../hook/membership.ts'
import { Scratch } from '../hook/scratch.ts'
import { additionsMap, existsAlready, memberBits, membersMap } from './member.ts'
import { execProgram, forgetEnded, forkProgram, kinProgram, runningProgram } from './programs.ts'

// Process sets that their own programs keep up to date: membership is decided at fork and exec, so
// that a test is one lookup. A set is shared by all policies that use it.

// A table for each set would take a megabyte: all share one (131072 entries). Descendants by
// namespace pid end at a pid namespace that a process joins from outside (setns), where the pids of
// its ancestors have another meaning; the first process of a new namespace is still a descendant.

const numbers = new Map<string, number>()

function numberOf(key: string): number {
  let number = numbers.get(key)
  if (number === undefined) {
    number = numbers.size + 1
    numbers.set(key, number)
  }
  return number
}

/** A process set: its programs, and how others test membership. */
export class ProcessSet {
  readonly membership: Membership
  /** Distinguishes its members from those of other sets; equal for equal keys. */
  readonly number: number
  /** Attached before the set is filled, and before any program that uses it. */
  readonly keeping: readonly Program[]

  constructor(membership: Membership) {
    this.membership = membership
    this.number = numberOf(membership.key)
    const atExec = membership.decidedAt === 'exec' ? [execProgram(this)] : []
    this.keeping = [...atExec, forkProgram(this), forgetEnded(this)]
  }

  /** Programs that fill the set: with the running processes, then with their children. */
  filling(walk: ProcessWalk): readonly [running: Program, kin: Program] {
    return [runningProgram(this, walk), kinProgram(this, walk)]
  }

  /** Whether a process is a member, or has a parent that is. */
  contains(k: Code, pid: Int, which: 'self' | 'parent' = 'self'): Condition {
    return this.bitsOf(k, pid).has(memberBits[which])
  }

  /** Bits of `memberBits` for a process; 0 if it is unrelated to the set. */
  bitsOf(k: Code, pid: Int): Int {
    const bits = k.variable(0)
    const member = this.find(k, pid)
    k.when(member, () => bits.set(member.bits))
    return bits
  }

  /** Whether it may be unknown of the parent of a process. */
  get hasUnknown(): boolean {
    return isOfCommands(this.membership) && this.membership.ofParents
  }

  /** Bits about the process itself, which its children get. */
  get ownBits(): number {
    return isOfCommands(this.membership) ? memberBits.self | memberBits.unknown : memberBits.self
  }

  /** The entry of a process; null if there is none. */
  find(k: Code, pid: Int) {
    return k.lookup(membersMap, { set: this.number, pid })
  }

  /** Removes the entry of a process. */
  forget(k: Code, pid: Int): void {
    k.remove(membersMap, { set: this.number, pid })
  }

  /** Whether the process itself qualifies: `self`, `unknown` or 0. */
  decide(k: Code, started: StartedProgram): Variable {
    const scratch = new Scratch(k, 'tg_set_scratch')
    const context: CodeContext = { k, scratch: (size) => scratch.take(size) }
    const { membership } = this
    if (membership.needsScratch) scratch.open()
    const answer = k.variable(0)
    if (isOfCommands(membership)) answer.set(membership.atExec(started, context))
    else k.when(membership.isMember(started.task, context), () => answer.set(1))
    scratch.close()
    return answer
  }

  /**
   * Writes the entry of a process; a full table is counted.
   * @param execs the process's count of execs to which the bits belong
   * @returns 0 or a negative error number: `existsAlready` for the mode `new`
   */
  put(
    k: Code,
    task: Ptr<TaskStruct>,
    { bits, execs }: { readonly bits: Int | number; readonly execs: Int },
    mode: 'any' | 'new' = 'any',
  ): Int {
    const member = { start: task.start_boottime, execs, bits }
    const result = k.update(membersMap, { set: this.number, pid: task.tgid }, member, mode)
    k.when(
      result.ne(0).and(() => result.ne(existsAlready)),
      () => countLoss(k, 'set_full'),
    )
    return result
  }

  /**
   * Runs with the entry of a process, if there is one; that of an earlier process with its pid is
   * removed. The body has to end the program.
   */
  ifKnown(
    k: Code,
    task: Ptr<TaskStruct>,
    body: (entry: ReturnType<ProcessSet['find']>) => void,
  ): void {
    const known = this.find(k, task.tgid)
    k.when(known, () => {
      k.when(known.start.eq(task.start_boottime), () => body(known))
      this.forget(k, task.tgid)
    })
  }

  /** Counts a process that a walk has added, or has to visit again. */
  countAddition(k: Code): void {
    const count = k.global(additionsMap)
    count.store(8, 0, count.load(8).add(1))
  }
}

/** The process sets of a policy. */
export class ProcessSets implements ProcessSetTests {
  readonly #sets = new Map<string, ProcessSet>()

  /** The set with these members, created on first use. */
  get(membership: Membership): ProcessSet {
    let set = this.#sets.get(membership.key)
    if (!set) {
      set = new ProcessSet(membership)
      this.#sets.set(membership.key, set)
    }
    return set
  }

  get all(): readonly ProcessSet[] {
    return [...this.#sets.values()]
  }
}
