import { processFlags } from '@tetragon-ts/api'
import { type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { countLoss, countLostImage } from '../kernel/loss.ts'
import { backlog, events, processTable } from '../kernel/maps.ts'
import type { TaskStruct } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'
import { ProcessEntry, reported } from '../records/process.ts'
import { exceedsRate } from './cgroup-rate.ts'
import { reportGroup } from './control-groups.ts'
import { dropImages, keepFork, keepsImages, passOnParent, postedBefore } from './held-images.ts'
import { countLostHeld, inheritedReport, isFiltering, reportBacklog } from './held-records.ts'
import { execsOf, isKernelThread, readFacts, shownPid, startOf, unseenStart } from './identity.ts'
import { keepFacts } from './kept-facts.ts'
import type { SensorSetup } from './setup.ts'

/**
 * Sends a fork record for every new process, but not for threads and kernel threads. The hook runs
 * before the child, so the fork is known before anything that the child does. Kernel 5.8.
 * @param scratch created by `entryScratch`
 */
export function forkProgram(setup: SensorSetup, scratch: MapSpec): Program {
  const { hierarchy, content, records, rate, filters } = setup
  const hook = tpBtf<[cloner: Ptr<TaskStruct>, child: Ptr<TaskStruct>]>('sched_process_fork')
  return program('tg_fork', hook, (k, cloner, task) => {
    k.when(task.pid.ne(task.tgid), k.exit)
    k.when(isKernelThread(task), k.exit)

    const before = k.lookup(processTable, task.tgid)
    // the other copy has handled it
    k.when(before, () => k.when(before.key.ktime.eq(task.start_boottime), k.exit))

    const facts = readFacts(k, task, hierarchy, content)
    const memory = k.scratch(scratch)
    const kept = keepFacts(k, memory, setup, facts)
    const parent = task.real_parent
    const parentPid = shownPid(k, parent)
    const start = task.start_boottime
    const key = { ktime: start, pid: task.tgid }
    const parentKtime = k.variable(0)
    const clonerKtime = k.variable(0)
    const lastGroup = k.variable(0)
    const flags = k.variable(processFlags.clone)
    const inode = k.variable(0)
    const device = k.variable(0)
    const inherited = filters ? k.variable(reported.yes) : undefined
    const known = k.lookup(processTable, parentPid)
    k.when(
      known,
      () => {
        if (filters) passOnParent(k, records, known, parentPid)
        parentKtime.set(known.key.ktime)
        flags.set(flags.or(known.flags.and(processFlags.inInitTree)))
      },
      () => parentKtime.set(unseenStart(k, parent)),
    )
    // The child runs the program of the task that cloned it, which with CLONE_PARENT is its
    // sibling.
    const takeImage = (image: typeof known): void => {
      const take = (): void => {
        if (filters) passOnParent(k, records, image, cloner.tgid)
        clonerKtime.set(image.key.ktime)
        inode.set(image.inode)
        device.set(image.device)
        lastGroup.set(image.group)
        inherited?.set(inheritedReport(k, image.reported))
      }
      k.when(image, take, () => clonerKtime.set(startOf(cloner)))
    }
    k.when(
      cloner.tgid.eq(parentPid),
      () => takeImage(known),
      () => takeImage(k.lookup(processTable, cloner.tgid)),
    )
    k.when(facts.entry.nspid.eq(1), () => flags.set(flags.or(processFlags.inInitTree)))

    const parentKey = { ktime: parentKtime, pid: parentPid }
    const { cgroup } = facts.identity
    const exceeds = rate && exceedsRate(k, rate, cgroup, facts.group.name)
    const group = reportGroup(k, facts.group, lastGroup)
    const reporting = inherited ?? reported.yes
    const named = { ...key, execs: execsOf(task) }
    const identity = { key: named, parent: parentKey, flags, ...facts.identity, ...kept() }
    const record = { kind: recordKind.fork, clonerPid: cloner.tgid, clonerKtime, identity }
    const images = filters ? k.variable(0) : undefined
    if (images) {
      const keep = (): void => images.set(keepFork(k, records, memory, key.pid, record))
      if (exceeds) k.when(keepsImages(k), () => k.unless(exceeds, keep))
      else k.when(keepsImages(k), keep)
    }
    const entry = k.recordAt(memory, ProcessEntry, {
      key: { ...key, execs: execsOf(task) },
      group,
      parent: parentKey,
      start,
      flags,
      inode,
      device,
      ...facts.entry,
      reported: exceeds ? k.select(exceeds, reported.no, reporting) : reporting,
      ...(images && { heldImages: images, postedBefore: postedBefore(k) }),
    })
    const result = k.update(processTable, key.pid, entry)
    k.when(result.ne(0), () => {
      countLoss(k, 'table_full')
      if (!images) return
      dropImages(k, records, key.pid, images)
      images.set(0)
    })
    if (exceeds) k.when(exceeds, k.exit)
    if (images) k.when(images.ne(0), k.exit)
    const post = (): void =>
      k.submit(events, records.ForkRecord, record, () => countLostImage(k, 'fork', key))
    if (!filters) return post()
    const hold = (): void => {
      k.submit(backlog, records.ForkRecord, record, () => countLostHeld(k))
      reportBacklog(k)
    }
    // Most children execute a program next, and the record of the exec is enough.
    k.when(isFiltering(k), hold, post)
  })
}
