import type { Code, Condition, Int, Program, Ptr, Variable } from '@tetragon-ts/ebpf/lang'
import { countLoss } from '../../kernel/loss.ts'
import type { TaskStruct } from '../../kernel/types.ts'
import { type FilledMap, filledMap } from '../hook-context.ts'
import type { CodeContext } from '../operators/operator.ts'
import { Scratch } from '../programs/scratch.ts'
import { memberBits, membersMap } from './member.ts'
import { execProgram, forgetEnded, forkProgram, kinProgram, runningProgram } from './programs.ts'

// Sets of processes that programs of their own keep up to date: who is in is decided at fork and
// exec, so that a test is one lookup. The same set serves all policies that ask for it.

const numbers = new Map<string, number>()

function numberOf(key: string): number {
  let number = numbers.get(key)
  if (number === undefined) {
    number = numbers.size + 1
    numbers.set(key, number)
  }
  return number
}

/** Which processes are in a set. */
export interface Membership {
  /** Sets with the same key have the same members. */
  readonly key: string
  /** When it is decided: once at the process's fork, or for each program that it executes. */
  readonly decidedAt: 'fork' | 'exec'
  /** Whether all that descend from a member are in, whatever they are. */
  readonly inherited: boolean
  /** Memory beyond the stack that the decision takes, if any. */
  readonly needsScratch: boolean
  isMember(task: Ptr<TaskStruct>, context: CodeContext): Condition
}

/** A set of processes: what keeps it, and how programs ask for members. */
export class ProcessSet {
  readonly membership: Membership
  /** Tells its members from those of other sets; the same for sets of the same key. */
  readonly number: number
  /** Attached before the set is filled, and before any program that asks. */
  readonly keeping: readonly Program[]
  /** Iterators over all processes: those that run already, then their children. */
  readonly running: Program
  readonly kin: Program
  /** Filled while the programs are built: maps that they look things up in. */
  readonly maps: FilledMap[] = []

  constructor(membership: Membership) {
    this.membership = membership
    this.number = numberOf(membership.key)
    const atExec = membership.decidedAt === 'exec' ? [execProgram(this)] : []
    this.keeping = [...atExec, forkProgram(this), forgetEnded(this)]
    this.running = runningProgram(this)
    this.kin = kinProgram(this)
  }

  /** Every program. */
  get programs(): readonly Program[] {
    return [...this.keeping, this.running, this.kin]
  }

  /** Whether a process is in, or has a parent that is. */
  contains(k: Code, pid: Int, which: 'self' | 'parent' = 'self'): Condition {
    const bits = k.variable(0)
    const member = this.find(k, pid)
    k.when(member, () => bits.set(member.bits))
    return bits.has(memberBits[which])
  }

  /** The entry of a process; null if it has none. */
  find(k: Code, pid: Int) {
    return k.lookup(membersMap, { set: this.number, pid })
  }

  /** Takes the entry of a process out. */
  forget(k: Code, pid: Int): void {
    k.remove(membersMap, { set: this.number, pid })
  }

  /** Whether the task's process qualifies by itself, as 1 or 0. */
  decide(k: Code, task: Ptr<TaskStruct>): Variable {
    const scratch = new Scratch(k, 'tg_set_scratch')
    const context: CodeContext = {
      k,
      scratch: (size) => scratch.take(size),
      map: (spec, entries) => {
        this.maps.push(filledMap(spec, entries))
        return spec
      },
    }
    if (this.membership.needsScratch) scratch.open()
    const answer = k.variable(0)
    k.when(this.membership.isMember(task, context), () => answer.set(1))
    scratch.close()
    return answer
  }

  /** Writes a member down; a full table is counted. */
  put(k: Code, task: Ptr<TaskStruct>, bits: Int | number, mode: 'any' | 'new' = 'any'): void {
    const member = { start: task.start_boottime, execs: task.self_exec_id, bits }
    const result = k.update(membersMap, { set: this.number, pid: task.tgid }, member, mode)
    k.when(
      result.ne(0).and(() => result.ne(existsAlready)),
      () => countLoss(k, 'set_full'),
    )
  }
}

/** -EEXIST */
const existsAlready = -17

/** The sets of a policy. */
export class ProcessSets {
  readonly #sets = new Map<string, ProcessSet>()

  /** The set of these members, made when first asked for. */
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
