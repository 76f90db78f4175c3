import { processFlags } from '@tetragon-ts/api'
import {
  type Code,
  type Condition,
  type Int,
  onDemand,
  type Program,
  type Ptr,
  program,
} from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { arrayOf, u8 } from '@tetragon-ts/ebpf/records'
import { countLoss, countLostImage } from '../kernel/loss.ts'
import { events, processTable, unseenExecs } from '../kernel/maps.ts'
import { TaskStruct } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'
import { ExitRecord, ProcessEntry, type ProcessRecords, reported } from '../records/process.ts'
import { reportGroup } from './control-groups.ts'
import { groupExit, waitStatus } from './exit.ts'
import { execsOf, isKernelThread, readFacts, type TaskFacts, unseenKey } from './identity.ts'
import { keepFacts } from './kept-facts.ts'
import type { SensorSetup } from './setup.ts'
import { findProcess, type ProcessWalk } from './walk/index.ts'

/** PF_EXITING in include/linux/sched.h. */
const exiting = 4
/** -EEXIST: a hook has already seen the process. */
const existsAlready = -17

/** What a program does with a process that the table has. It may end the program. */
type ForListed = (entry: Listed, facts: TaskFacts['entry']) => void

const lookUpEntry = (k: Code, pid: Int) => k.lookup(processTable, pid)
type Listed = ReturnType<typeof lookUpEntry>

/**
 * Sends a record of each process that the reader does not know. The walk runs it once the hooks of
 * forks and exits are attached, for the processes that started before, and again after a loss, for
 * those whose record did not fit into the ring or the process table. Once execs are hooked, it runs
 * for the processes that have executed another program in between: the reader replaces theirs.
 *
 * A process that a hook has seen is in the table and is skipped. One that ends between its entry
 * and its record would leave the reader with a process that never exits: then an exit record
 * follows, and the reader drops the second of the two.
 * @param scratch created by `entryScratch`
 */
export function runningProgram(setup: SensorSetup, scratch: MapSpec, walk: ProcessWalk): Program {
  const { RunningRecord } = setup.records
  return walk.program('tg_running', (k, task) => {
    const found = listRunning(k, task, setup, scratch, (entry, facts) => {
      k.when(entry.reported.ne(reported.lost), () => {
        k.unless(isUnseenExec(k, task, entry), k.exit)
        const flags = entry.flags.and(~processFlags.clone)
        k.assign(entry, { key: { execs: execsOf(task) }, flags, inode: 0, device: 0, ...facts })
      })
    })
    k.submit(events, RunningRecord, found, () => countLostImage(k, 'running', found.identity.key))
    endIfOver(k, task, found)
  })
}

/** Number of arguments of {@link lookupProgram}. */
export const lookupArguments = 3

/**
 * Answers which process has a pid, if any, for a reader that does not know it: a hook may be hit by
 * a process whose records were skipped. The table has an entry for the process afterwards, so that
 * its exit is reported. Returns 1 if there is an answer. Kernel 5.10.
 *
 * Its arguments are the pid and, of the hit, the low half of the count of execs, and the time. If
 * the exec was skipped too, the image began then at the latest.
 * @param scratch created by `entryScratch`
 * @param answer created by `runningAnswer`
 */
export function lookupProgram(setup: SensorSetup, scratch: MapSpec, answer: MapSpec): Program {
  const { RunningRecord } = setup.records
  return program('tg_lookup', onDemand('pid', 'execs', 'time'), (k, pid, execs, time) => {
    const task = findProcess(k, pid)
    const found = listRunning(k, task, setup, scratch, (entry) => {
      // Its control group exceeds the rate.
      k.when(entry.reported.eq(reported.no), k.exit)
      k.when(isSkippedExec(k, task, entry, execs), () => {
        k.assign(entry, { parent: { ktime: entry.key.ktime, pid } })
        k.assign(entry, { key: { ktime: time, execs }, handled: execs, inode: 0, device: 0 })
      })
    })
    k.recordAt(k.global(answer), RunningRecord, found)
    endIfOver(k, task, found, 1)
  })
}

/**
 * Whether the process runs an image that is not in its entry. An exec is counted before its program
 * runs, and also if it fails so late that it ends the process.
 */
function isSkippedExec(k: Code, task: Ptr<TaskStruct>, entry: Listed, execs: Int): Condition {
  const isOther = entry.key.execs.ne(execs).and(() => execsOf(task).eq(execs))
  const isAlive = isOther
    .and(() => task.flags.has(exiting).not())
    .and(() => task.signal.flags.has(groupExit).not())
  return k.hasField(TaskStruct, 'in_execve') ? isAlive.and(() => task.in_execve.eq(0)) : isAlive
}

/**
 * Whether the process has replaced its image before execs were hooked. No program has seen an exec
 * of the process since.
 */
function isUnseenExec(k: Code, task: Ptr<TaskStruct>, entry: Listed): Condition {
  return entry.key.execs
    .ne(execsOf(task))
    .and(() => entry.handled.eq(0))
    .and(() => entry.reported.eq(reported.yes))
    .and(() => k.global(unseenExecs).load(4).ne(0))
}

/** The map with the answer of {@link lookupProgram}: the bytes of a `RunningRecord`. */
export const runningAnswer = ({ RunningRecord }: ProcessRecords) =>
  array('tg_answer', { value: arrayOf(u8, RunningRecord.size), maxEntries: 1 })

/**
 * Adds a running process to the table. Ends the program if it is not a process, or is over.
 * @returns its record
 */
function listRunning(
  k: Code,
  task: Ptr<TaskStruct>,
  setup: SensorSetup,
  scratch: MapSpec,
  onListed: ForListed,
) {
  const { hierarchy, content } = setup
  k.when(task.pid.ne(task.tgid), k.exit)
  k.when(isKernelThread(task), k.exit)
  k.when(task.signal.live.counter.eq(0), k.exit)

  const memory = k.scratch(scratch)
  const facts = readFacts(k, task, hierarchy, content)
  const kept = keepFacts(k, memory, setup, facts)
  const start = task.start_boottime
  const pid = task.tgid
  const ktime = k.variable(start)
  const execs = k.variable(task.self_exec_id.low32())
  const flags = k.variable(0)
  const group = reportGroup(k, facts.group)
  const above = unseenKey(k, task.real_parent)
  const parentPid = k.variable(above.pid)
  const parentKtime = k.variable(above.ktime)
  const held = k.variable(0)
  const isListed = k.variable(0)
  const listed = k.lookup(processTable, pid)
  k.when(listed, () => {
    // Otherwise the entry is that of an earlier process, whose exit was skipped.
    k.when(
      listed.start.eq(start),
      () => {
        onListed(listed, facts.entry)
        k.when(
          listed.reported.eq(reported.held),
          () => held.set(1),
          () => k.assign(listed, { reported: reported.yes }),
        )
        isListed.set(1)
        ktime.set(listed.key.ktime)
        execs.set(listed.key.execs)
        flags.set(listed.flags)
        parentPid.set(listed.parent.pid)
        parentKtime.set(listed.parent.ktime)
      },
      () => k.remove(processTable, pid),
    )
  })
  k.when(isListed.eq(0), () => {
    const known = k.lookup(processTable, parentPid)
    k.when(known, () => {
      parentKtime.set(known.key.ktime)
      flags.set(known.flags.and(processFlags.inInitTree))
    })
    k.when(facts.entry.nspid.eq(1), () => flags.set(flags.or(processFlags.inInitTree)))
    const entry = k.recordAt(memory, ProcessEntry, {
      key: { ktime, pid, execs },
      parent: { ktime: parentKtime, pid: parentPid },
      start,
      flags,
      group,
      ...facts.entry,
      reported: reported.yes,
    })
    const added = k.update(processTable, pid, entry, 'new')
    k.when(added.ne(0), () => {
      k.when(added.ne(existsAlready), () => countLoss(k, 'table_full'))
      k.exit()
    })
  })
  const key = { ktime: ktime.now(), pid, execs: execs.now() }
  const parent = { ktime: parentKtime, pid: parentPid }
  const identity = { key, parent, flags, ...facts.identity, ...kept() }
  return { kind: recordKind.running, held, identity, start }
}

/**
 * Sends the exit of a process that has ended since it was added: its exit program may have run
 * before, and found no entry.
 * @param answer what the program returns
 */
function endIfOver(
  k: Code,
  task: Ptr<TaskStruct>,
  { identity: { key }, start }: ReturnType<typeof listRunning>,
  answer = 0,
): void {
  k.when(task.signal.live.counter.eq(0), () => {
    const own = k.lookup(processTable, key.pid)
    k.when(own, () => k.when(own.start.eq(start), () => k.remove(processTable, key.pid)))
  })
  const still = k.lookup(processTable, key.pid)
  k.when(still, () => k.exit(answer))
  const exit = { kind: recordKind.exit, status: waitStatus(k, task), key, start }
  k.submit(events, ExitRecord, { ...exit, time: k.bootTime() }, () => countLoss(k, 'exit'))
  k.exit(answer)
}
