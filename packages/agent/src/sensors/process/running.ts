import { processFlags } from '@tetragon-ts/api'
import { iterator, type Program, type Ptr, program } from '@tetragon-ts/ebpf/lang'
import { reportGroup } from './control-groups.ts'
import { waitStatus } from './exit.ts'
import { isKernelThread, readFacts, unseenKey } from './identity.ts'
import type { TaskStruct } from './kernel-types.ts'
import { countLoss } from './loss.ts'
import { events, processTable } from './maps.ts'
import { ExitRecord, recordKind } from './records.ts'
import type { SensorSetup } from './setup.ts'

/** -EEXIST: a hook has seen the process. */
const existsAlready = -17

/**
 * Takes in the processes that were there before the hooks: run it once they are attached. A process
 * that a hook has seen meanwhile is in the table already and left alone. One that ends between its
 * entry and its record would leave the reader with a process that never exits: then an exit record
 * follows, and the reader drops whichever comes second. Kernel 5.8.
 */
export function runningProgram({ hierarchy, content, records, rate }: SensorSetup): Program {
  const hook = iterator<[task: Ptr<TaskStruct>]>('task', ['task'])
  return program('tg_running', hook, (k, task) => {
    k.unless(task, k.exit)
    k.when(task.pid.ne(task.tgid), k.exit)
    k.when(isKernelThread(task), k.exit)
    k.when(task.signal.live.counter.eq(0), k.exit)

    const facts = readFacts(k, task, hierarchy, content)
    const parent = unseenKey(k, task.real_parent)
    const key = { ktime: task.start_boottime, pid: task.tgid }
    const parentKtime = k.variable(parent.ktime)
    const flags = k.variable(0)
    const known = k.lookup(processTable, parent.pid)
    k.when(known, () => {
      parentKtime.set(known.key.ktime)
      flags.set(known.flags.and(processFlags.inInitTree))
    })
    k.when(facts.entry.nspid.eq(1), () => flags.set(flags.or(processFlags.inInitTree)))
    const parentKey = { ktime: parentKtime, pid: parent.pid }
    const group = reportGroup(k, facts.group)
    const entry = { key, parent: parentKey, flags, group, ...facts.entry, ...(rate && { told: 1 }) }
    const added = k.update(processTable, key.pid, entry, 'new')
    k.when(added.ne(0), () => {
      k.when(added.ne(existsAlready), () => countLoss(k, 'table_full'))
      k.exit()
    })
    const identity = { key, parent: parentKey, flags, ...facts.identity }
    k.submit(events, records.RunningRecord, { kind: recordKind.running, identity }, () =>
      countLoss(k, 'running'),
    )
    const still = k.lookup(processTable, key.pid)
    k.when(still, k.exit)
    const exit = { kind: recordKind.exit, status: waitStatus(k, task), key, time: k.bootTime() }
    k.submit(events, ExitRecord, exit, () => countLoss(k, 'exit'))
  })
}
