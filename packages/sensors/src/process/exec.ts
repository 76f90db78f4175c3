import { processFlags } from '@tetragon-ts/api'
import {
  type Bytes,
  type Code,
  type Int,
  type Program,
  type Ptr,
  program,
  RecordWriter,
  tpBtf,
} from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { countLoss, countLostImage } from '../kernel/loss.ts'
import {
  backlog,
  events,
  processTable,
  recordLimit,
  recordMax,
  taskBuffer,
} from '../kernel/maps.ts'
import { FsStruct, type LinuxBinprm, type TaskStruct } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'
import { dataStream, ExitRecord, heldImages, ProcessEntry, reported } from '../records/process.ts'
import { exceedsRate } from './cgroup-rate.ts'
import { reportGroup } from './control-groups.ts'
import { sendInPieces } from './data-pieces.ts'
import { appendTerminal } from './exec-session.ts'
import {
  appendCwd,
  appendExecFields,
  type ExecWalks,
  findExecFacts,
  hasFacts,
  type Keep,
  keepIn,
} from './exec-walks.ts'
import { dropImages, keepExec, replaceImages } from './held-images.ts'
import { countLostHeld, isHeldByVotes, reportBacklog } from './held-records.ts'
import {
  execsOf,
  isKernelThread,
  readFacts,
  startOf,
  type TaskFacts,
  unseenKey,
} from './identity.ts'
import type { SensorSetup } from './setup.ts'

/** Up to this length, arguments and environment are inside the exec record. */
const inlineMax = 0x3fff
const pathMax = 4096

export interface ExecOptions {
  readonly setup: SensorSetup
  /** Whether the environment is sent. */
  readonly environment: boolean
  /** Created by `execScratch`. */
  readonly scratch: MapSpec
}

/** Sends an exec record when a process has replaced its program. Kernel 5.8. */
export function execProgram({ setup, environment, scratch }: ExecOptions): Program {
  const { hierarchy, content, records, rate } = setup
  const hook =
    tpBtf<[task: Ptr<TaskStruct>, oldPid: Int, bprm: Ptr<LinuxBinprm>]>('sched_process_exec')
  return program('tg_exec', hook, (k, task, _, bprm) => {
    const memory = k.scratch(scratch)
    const key = { ktime: k.bootTime(), pid: task.tgid }
    const flags = k.variable(processFlags.execve)
    const marks = k.variable(0)
    const permittedBefore = k.variable(0)
    const lastGroup = k.variable(0)
    const held = setup.filters ? k.variable(0) : undefined
    const before = k.lookup(processTable, key.pid)
    k.when(before, () => {
      k.when(before.handled.eq(execsOf(task)), () => {
        // Another copy was here. If it ran before the filters, their votes are too late.
        if (held) k.assign(before, { votes: 0 })
        k.exit()
      })
      lastGroup.set(before.group)
      if (held) {
        held.set(isHeldByVotes(k, before.votes))
        k.when(
          held.eq(0).or(() => before.heldImages.has(heldImages.exec)),
          () => replaceImages(k, records, before, key.pid),
        )
      }
      if (content.credentials) permittedBefore.set(before.permitted)
    })

    const facts = readFacts(k, task, hierarchy, content)
    const { filename } = bprm
    const inode = bprm.file.f_inode
    const keptFacts = keepFacts(k, memory, setup, facts, bprm, permittedBefore)
    const file = { inode: inode.i_ino, device: inode.i_sb.s_dev }
    const image = { ...facts.entry, ...file }
    const { root, pwd } = k.snapshot(FsStruct, task.fs, ['root', 'pwd'])
    // The stack has room for the numbers of the minimum only.
    const isBasic = !setup.filters && !hasFacts(content.exec)
    const keep = keepIn(isBasic ? 'stack' : 'memory', memory)
    const ranges = keepRanges(keep, task)
    const find = (): ExecWalks =>
      findExecFacts(k, content.exec, memory, keep, {
        root,
        pwd,
        file: bprm.file,
        task,
        environment: { start: ranges.number('env_start'), end: ranges.number('env_end') },
      })
    const early = isBasic || k.target.bpfLoop ? undefined : find()
    const exceeds = rate && exceedsRate(k, rate, facts.identity.cgroup, facts.group.name)
    const ifReported = held ? k.select(held.ne(0), reported.held, reported.yes) : reported.yes
    const reporting = exceeds ? k.select(exceeds, reported.no, ifReported) : ifReported
    if (exceeds) {
      k.when(exceeds, () => {
        forget(k, key)
        if (!held) return
        k.when(before, () => {
          dropImages(k, records, key.pid, before.heldImages)
          k.assign(before, { heldImages: 0 })
        })
      })
    }
    const group = reportGroup(k, facts.group, lastGroup)
    const ancestry = replaceImage(
      k,
      task,
      memory,
      { ...image, group, reported: reporting },
      key,
      flags,
    )
    if (exceeds) k.when(exceeds, k.exit)

    const found = early ?? find()
    const argsLength = ranges.number('arg_end').sub(ranges.number('arg_start'))
    const envLength = environment
      ? ranges.number('env_end').sub(ranges.number('env_start'))
      : k.constant(0)
    const errorFlags = { args: processFlags.errorArgs, env: processFlags.errorEnvs } as const
    const sendPieces = (name: 'args' | 'env', start: Int, length: Int): void => {
      k.when(length.gt(inlineMax), () => {
        if (name === 'args') flags.set(flags.or(processFlags.dataArgs))
        const sent = sendInPieces(k, memory, key, dataStream[name], start, length, setup.ringSize)
        k.when(sent.ne(length), () => flags.set(flags.or(errorFlags[name])))
      })
    }
    const sendAllPieces = (): void => {
      sendPieces('args', ranges.number('arg_start'), argsLength)
      if (environment) sendPieces('env', ranges.number('env_start'), envLength)
    }
    if (held) k.when(held.eq(0), sendAllPieces)
    else sendAllPieces()

    const writer = new RecordWriter(k, records.ExecRecord, memory, recordLimit)
    writer.tail('filename', (to) => {
      const copied = k.readKernelString(to, pathMax, filename)
      const length = k.variable(0)
      // The count includes the terminating zero, which is not in the record.
      k.when(
        copied.signedGt(0),
        () => length.set(copied.sub(1)),
        () => flags.set(flags.or(processFlags.errorFilename)),
      )
      return length
    })
    appendCwd(k, found, writer, flags)
    const appendUser = (name: 'args' | 'env', start: Int, length: Int): void => {
      writer.tail(name, (to) => {
        const inline = k.variable(k.select(length.le(inlineMax), length, 0))
        if (held) k.when(held.ne(0), () => inline.set(heldPart(k, name, length)))
        const result = k.readUser(to, inline.and(inlineMax), start)
        k.when(result.ne(0), () => flags.set(flags.or(errorFlags[name])))
        return inline
      })
    }
    appendExecFields(k, found, writer, marks)
    if (content.exec.session) appendTerminal(k, task, writer)
    appendUser('args', ranges.number('arg_start'), argsLength)
    if (environment) appendUser('env', ranges.number('env_start'), envLength)

    writer.set({
      kind: recordKind.exec,
      argsLength,
      envLength,
      cwdDeleted: found.cwd.number('deleted'),
      marks: isBasic ? undefined : marks,
      session: found.session?.(),
      identity: {
        key: { ...key, execs: execsOf(task) },
        parent: { ktime: ancestry.parentKtime, pid: ancestry.parentPid },
        flags,
        ...facts.identity,
        ...keptFacts.identity(),
      },
      start: startOf(task),
      previousKtime: ancestry.previousKtime,
      binary: keptFacts.binary,
    })
    const post = (): void => writer.send(events, recordMax, () => countLostImage(k, 'exec', key))
    const hold = (): void => {
      k.when(before, () => {
        k.when(keepExec(k, before, key.pid, memory, writer.size).ne(0), k.exit)
        replaceImages(k, records, before, key.pid)
      })
      writer.send(backlog, recordMax, () => countLostHeld(k))
      reportBacklog(k)
    }
    if (held) k.when(held.ne(0), hold, post)
    else post()
  })
}

/** What the record of a held exec has of its arguments or environment: the start of the former. */
function heldPart(k: Code, name: 'args' | 'env', length: Int): Int {
  return name === 'env' ? k.constant(0) : k.select(length.le(inlineMax), length, inlineMax)
}

/** Keeps where arguments and environment are. */
function keepRanges(keep: Keep, { mm }: Ptr<TaskStruct>) {
  const { arg_start, arg_end, env_start, env_end } = mm
  return keep('ranges', { arg_start, arg_end, env_start, env_end })
}

/**
 * Drops a process in the reader: its new image is omitted, and must not be mistaken for the
 * old one.
 */
function forget(k: Code, key: { ktime: Int; pid: Int }): void {
  const known = k.lookup(processTable, key.pid)
  k.when(known, () => {
    k.when(known.reported.ne(reported.no), () => {
      const { start } = known
      const named = { ...key, execs: known.key.execs }
      const record = { kind: recordKind.forget, key: named, start, time: key.ktime }
      k.submit(events, ExitRecord, record, () => countLoss(k, 'exit'))
    })
  })
}

/**
 * Stores the optional facts in memory: they do not fit into the program's stack.
 * @returns them as fields of the record
 */
function keepFacts(
  k: Code,
  memory: Bytes,
  { content, records }: SensorSetup,
  { identity: { namespaces, credentials } }: TaskFacts,
  { file, per_clear }: Ptr<LinuxBinprm>,
  permittedBefore: Int,
) {
  if (!content.namespaces && !content.credentials) return { identity: () => ({}) }
  const { i_ino: inode, i_mode: mode, i_nlink: links } = file.f_inode
  const kept = k.recordAt(memory.at(taskBuffer.offset), records.ExecFacts, {
    namespaces,
    credentials,
    binary: content.credentials
      ? { inode, mode, links, permittedBefore, privileged: per_clear }
      : undefined,
  })
  const { length } = kept.namespaces
  return {
    identity: () => ({
      namespaces: Array.from({ length }, (_, place) => kept.namespaces.at(place)),
      credentials: kept.credentials,
    }),
    binary: kept.binary,
  }
}

/**
 * Sets the new key of the process in the process table. The parent remains that of the fork; an
 * image that replaces another one without a fork has that image as its parent.
 * @param memory scratch memory: an entry would take a third of the stack
 */
function replaceImage(
  k: Code,
  task: Ptr<TaskStruct>,
  memory: Bytes,
  image: TaskFacts['entry'] & {
    readonly inode: Int
    readonly device: Int
    readonly group: Int
    readonly reported: Int | number
  },
  key: { ktime: Int; pid: Int },
  flags: Int & { set(value: Int): void },
) {
  const parentPid = k.variable(0)
  const parentKtime = k.variable(0)
  const previousKtime = k.variable(0)
  const known = k.lookup(processTable, key.pid)
  k.when(
    known,
    () => {
      flags.set(flags.or(known.flags.and(processFlags.inInitTree)))
      k.when(
        known.flags.has(processFlags.clone),
        () => {
          flags.set(flags.or(processFlags.clone))
          parentPid.set(known.parent.pid)
          parentKtime.set(known.parent.ktime)
        },
        () => {
          parentPid.set(key.pid)
          parentKtime.set(known.key.ktime)
          previousKtime.set(known.key.ktime)
        },
      )
      k.assign(known, {
        key: { ktime: key.ktime, execs: execsOf(task) },
        handled: execsOf(task),
        votes: 0,
        start: startOf(task),
        parent: { ktime: parentKtime, pid: parentPid },
        flags: flags.and(~processFlags.clone),
        ...image,
      })
    },
    () => {
      // A user mode helper, whose fork is ignored, or a process that did not fit into the table at
      // its fork.
      const parent = task.real_parent
      flags.set(flags.or(processFlags.clone))
      k.unless(isKernelThread(parent), () => flags.set(flags.or(processFlags.miss)))
      const parentKey = unseenKey(k, parent)
      parentPid.set(parentKey.pid)
      parentKtime.set(parentKey.ktime)
      const knownParent = k.lookup(processTable, parentPid)
      k.when(knownParent, () => parentKtime.set(knownParent.key.ktime))
      const entry = k.recordAt(memory, ProcessEntry, {
        key: { ...key, execs: execsOf(task) },
        handled: execsOf(task),
        start: startOf(task),
        parent: { ktime: parentKtime, pid: parentPid },
        flags: flags.and(~processFlags.clone),
        ...image,
      })
      const result = k.update(processTable, key.pid, entry)
      k.when(result.ne(0), () => countLoss(k, 'table_full'))
    },
  )
  return { parentPid, parentKtime, previousKtime }
}
