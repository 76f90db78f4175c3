import { processFlags } from '@tetragon-ts/api'
import type { Program } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { countLoss, countLostImage } from '../kernel/loss.ts'
import { events, processTable } from '../kernel/maps.ts'
import { recordKind } from '../records/kinds.ts'
import { ExitRecord, ProcessEntry, reported } from '../records/process.ts'
import { reportGroup } from './control-groups.ts'
import { waitStatus } from './exit.ts'
import { isKernelThread, readFacts, unseenKey } from './identity.ts'
import { keepFacts } from './kept-facts.ts'
import type { SensorSetup } from './setup.ts'
import type { ProcessWalk } from './walk/index.ts'

/** -EEXIST: a hook has already seen the process. */
const existsAlready = -17

/**
 * Sends a record of each process that the reader does not know. The walk runs it once the hooks are
 * attached, for the processes that started before, and again after a loss, for those whose record
 * did not fit into the ring or the process table.
 *
 * A process that a hook has seen is in the table and is skipped. One that ends between its entry
 * and its record would leave the reader with a process that never exits: then an exit record
 * follows, and the reader drops the second of the two.
 * @param scratch created by `entryScratch`
 */
export function runningProgram(setup: SensorSetup, scratch: MapSpec, walk: ProcessWalk): Program {
  const { hierarchy, content, records } = setup
  return walk.program('tg_running', (k, task) => {
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
    const listed = k.lookup(processTable, pid)
    k.when(
      listed,
      () => {
        k.when(listed.reported.ne(reported.lost), k.exit)
        k.assign(listed, { reported: reported.yes })
        ktime.set(listed.key.ktime)
        execs.set(listed.key.execs)
        flags.set(listed.flags)
        parentPid.set(listed.parent.pid)
        parentKtime.set(listed.parent.ktime)
      },
      () => {
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
      },
    )
    const key = { ktime: ktime.now(), pid, execs: execs.now() }
    const parent = { ktime: parentKtime, pid: parentPid }
    const identity = { key, parent, flags, ...facts.identity, ...kept() }
    k.submit(events, records.RunningRecord, { kind: recordKind.running, identity, start }, () =>
      countLostImage(k, 'running', key),
    )
    const still = k.lookup(processTable, pid)
    k.when(still, k.exit)
    const exit = { kind: recordKind.exit, status: waitStatus(k, task), key, start }
    k.submit(events, ExitRecord, { ...exit, time: k.bootTime() }, () => countLoss(k, 'exit'))
  })
}
