import { processFlags } from '@tetragon-ts/api'
import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import { type Fields, reader } from '@tetragon-ts/ebpf/records'
import type { Process } from '../process/process.ts'
import { readRunning } from '../process/procfs.ts'
import {
  DataRecord,
  ExitRecord,
  GroupRecord,
  groupNameMax,
  type ProcessRecords,
  processRecords,
} from '../sensors/process/records.ts'
import { binaryProperties } from './binary-properties.ts'
import { DataJoiner } from './data-joiner.ts'
import { recordContent } from './event-content.ts'
import type { EventContext } from './event-context.ts'
import { initPid, initProcess, kernelProcess } from './first-processes.ts'
import { ProcessDetails } from './process-details.ts'
import { ProcessEventWriter } from './process-event-writer.ts'
import { imageJson, noText, type Text, wholeText } from './process-image-json.ts'

type ExecFields = Fields<ProcessRecords['ExecRecord']['shape']>
type Identity = Fields<ProcessRecords['Identity']['shape']>

const slash = 0x2f
const namesAt = GroupRecord.field('names').offset

/** Process records of the kernel side become `process_exec` and `process_exit` events. */
export class ProcessEvents {
  readonly #context: EventContext
  readonly #memory: RecordMemory
  readonly #writer: ProcessEventWriter
  readonly #data: DataJoiner
  readonly #exec
  readonly #fork
  readonly #exit
  readonly #running
  readonly #piece
  readonly #group
  /** Where records have the identity. */
  readonly #identityAt: { readonly exec: number; readonly fork: number; readonly running: number }
  /** Undefined if they say no more than the basics. */
  readonly #details: ProcessDetails | undefined
  readonly #showsBinary: boolean
  /** Until the running processes are taken in, an unknown process that ends is none of ours. */
  #takingIn = true
  /** Exits of processes that nothing told us of. */
  unknownExits = 0

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#memory = memory
    this.#writer = new ProcessEventWriter(context)
    this.#data = new DataJoiner(context.waiting?.values)
    const { content, procfs } = context
    const wanted = recordContent(content)
    const { Identity, ExecRecord, ForkRecord, RunningRecord } = processRecords(wanted)
    this.#exec = reader(ExecRecord, memory)
    this.#fork = reader(ForkRecord, memory)
    this.#exit = reader(ExitRecord, memory)
    this.#running = reader(RunningRecord, memory)
    this.#identityAt = {
      exec: ExecRecord.field('identity').offset,
      fork: ForkRecord.field('identity').offset,
      running: RunningRecord.field('identity').offset,
    }
    if (wanted.credentials || wanted.namespaces) {
      this.#details = new ProcessDetails(content, Identity, memory, procfs)
    }
    this.#showsBinary = content.credentials
    this.#piece = reader(DataRecord, memory)
    this.#group = reader(GroupRecord, memory)
  }

  /** Events written. */
  get written(): number {
    return this.#writer.written
  }

  /** Long arguments that wait for their process. */
  get pieces(): DataJoiner {
    return this.#data
  }

  /** Writes the first event: the kernel, from which all processes descend. */
  begin(): void {
    const { cache, execIds } = this.#context
    const kernel = kernelProcess(execIds)
    cache.add(kernel)
    this.#writer.exec(kernel, noText, '')
  }

  /** All processes that were there before us have been read. */
  takenIn(): void {
    this.#takingIn = false
    // They come in the order of their pids, and a parent's may be the higher one.
    this.#context.cache.findParents()
  }

  exec(offset: number): void {
    const record = this.#exec
    record.at(offset)
    const { identity, previousKtime } = record
    const { cache, containers } = this.#context
    const parent = this.#parentOf(identity)
    const docker = containers.of(identity.cgroup, cache.get(identity.key.pid)?.docker)
    const { args, env } = this.#argumentsOf(record)
    // Pieces that found no room in the ring are missing.
    const cut = args.to - args.from < record.argsLength ? processFlags.truncArgs : 0
    const image = imageJson(
      this.#context,
      this.#text(record.cwd),
      this.#text(record.filename),
      args,
      record.cwdDeleted !== 0,
    )
    const at = offset + this.#identityAt.exec
    const process = this.#add(identity, at, parent, docker, image, identity.flags | cut)
    // Where the fork of the previous image was lost, the cache lacks it and the event says so.
    if (previousKtime !== 0 && parent === undefined) process.flags |= processFlags.miss
    const properties = this.#showsBinary ? binaryProperties(record) : ''
    this.#writer.exec(process, env, properties)
  }

  fork(offset: number): void {
    const record = this.#fork
    record.at(offset)
    const { identity } = record
    const { cache, containers } = this.#context
    const parent = this.#live(identity.parent)
    const { pid, ktime } = record.cloner
    const cloner = parent?.pid === pid ? parent : cache.find(pid, ktime)
    const docker = containers.of(identity.cgroup, cloner?.docker)
    const at = offset + this.#identityAt.fork
    this.#add(identity, at, parent, docker, cloner?.image ?? '', identity.flags)
  }

  exit(offset: number): void {
    const record = this.#exit
    record.at(offset)
    const { cache } = this.#context
    const process = cache.find(record.key.pid, record.key.ktime)
    if (!process && this.#takingIn) return
    this.#writer.exit(process, record)
    if (process) cache.remove(process)
    else this.unknownExits++
  }

  /** What becomes of a process is not told any more. */
  forget(offset: number): void {
    this.#exit.at(offset)
    const { cache } = this.#context
    const process = cache.get(this.#exit.key.pid)
    if (process) cache.remove(process)
  }

  running(offset: number): void {
    const record = this.#running
    record.at(offset)
    const { identity } = record
    const { key } = identity
    const { cache, containers, procfs } = this.#context
    // A hook was faster: the process replaced its image meanwhile, or it is a child of now.
    if (cache.get(key.pid)) return
    const { args, cwd, binary } = readRunning(procfs, key.pid)
    const isRoot = cwd.length === 1 && cwd[0] === slash
    const flags = identity.flags | processFlags.procFS | (isRoot ? processFlags.rootcwd : 0)
    const parent = this.#live(identity.parent)
    const docker = containers.of(identity.cgroup)
    const image = imageJson(
      this.#context,
      wholeText(cwd),
      wholeText(binary),
      wholeText(args),
      false,
    )
    const at = offset + this.#identityAt.running
    this.#writer.exec(this.#add(identity, at, parent, docker, image, flags), noText, '')
  }

  /** A control group that processes of later records are in. */
  group(offset: number): void {
    this.#group.at(offset)
    const from = offset + namesAt
    const names: string[] = []
    for (let at = from; at < from + GroupRecord.shape.names.size; at += groupNameMax) {
      names.push(this.#zeroEnded(at, at + groupNameMax))
    }
    this.#context.containers.add(this.#group.cgroup, names)
  }

  #zeroEnded(from: number, to: number): string {
    const { bytes } = this.#memory
    const end = bytes.indexOf(0, from)
    return Buffer.from(bytes.subarray(from, end < 0 || end > to ? to : end)).toString('latin1')
  }

  data(offset: number): void {
    this.#piece.at(offset)
    this.#data.add(this.#piece, this.#memory.bytes)
  }

  /**
   * The parent that the kernel side names: a live image, the previous one of this process included.
   * One that ended or replaced itself after the fork is still known to its child.
   */
  #parentOf({ key, parent }: Identity): Process | undefined {
    const { cache } = this.#context
    const live = this.#live(parent)
    if (live) return live
    const remembered = cache.get(key.pid)?.parent
    const same = remembered?.pid === parent.pid && remembered.ktime === parent.ktime
    return same ? remembered : undefined
  }

  /** A live process, also the first one where the task iterator leaves it out. */
  #live(key: Identity['key']): Process | undefined {
    const { cache } = this.#context
    const live = cache.find(key.pid, key.ktime)
    if (live || key.pid !== initPid || cache.get(initPid)) return live
    const init = initProcess(this.#context, key)
    cache.add(init)
    this.#writer.exec(init, noText, '')
    return init
  }

  /** @param offset where the identity lies */
  #add(
    identity: Identity,
    offset: number,
    parent: Process | undefined,
    docker: string,
    image: string,
    flags: number,
  ): Process {
    const { cache, execIds } = this.#context
    const { key } = identity
    const { pid, ktime, ktimeHigh, ktimeLow } = key
    const above = identity.parent
    const process: Process = {
      pid,
      ktime,
      ktimeHigh,
      ktimeLow,
      execId: execIds.format(ktimeHigh, ktimeLow, pid),
      parent,
      parentExecId: parent?.execId ?? execIds.format(above.ktimeHigh, above.ktimeLow, above.pid),
      flags,
      euid: identity.euid,
      auid: identity.auid,
      docker,
      image,
      details: this.#details === undefined ? '' : this.#details.of(identity, offset),
      json: undefined,
      counts: undefined,
      binary: undefined,
      filterAnswers: undefined,
      references: 1,
    }
    cache.add(process)
    return process
  }

  #text({ offset, length }: { readonly offset: number; readonly length: number }): Text {
    return { bytes: this.#memory.bytes, from: offset, to: offset + length }
  }

  /** Arguments and environment, from the record itself or from the pieces that came before it. */
  #argumentsOf(record: ExecFields): { args: Text; env: Text } {
    const args = this.#text(record.args)
    const env = this.#text(record.env)
    const argsInPieces = record.argsLength > 0 && record.args.length === 0
    const envInPieces = record.envLength > 0 && record.env.length === 0
    if (!argsInPieces && !envInPieces) return { args, env }
    const { pid, ktime } = record.identity.key
    const joined = this.#data.take(pid, ktime)
    return {
      args: argsInPieces ? wholeText(joined.args) : args,
      env: envInPieces ? wholeText(joined.env) : env,
    }
  }
}
