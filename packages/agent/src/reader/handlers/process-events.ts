import { processFlags } from '@tetragon-ts/api'
import { type RecordMemory, reader } from '@tetragon-ts/ebpf/records'
import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import { GroupRecord, groupNameMax } from '@tetragon-ts/sensors'
import { kernelProcess } from '../../processes/kernel-process.ts'
import type { Process } from '../../processes/process.ts'
import { setParent } from '../../processes/process-cache.ts'
import { readRunning } from '../../processes/procfs.ts'
import type { EventContext } from '../event-context.ts'
import { imageJson, noText, type Text, wholeText } from '../json/process-image-json.ts'
import { binaryProperties } from './binary-properties.ts'
import { DataJoiner } from './data-joiner.ts'
import { initPid, initProcess } from './first-processes.ts'
import { ProcessEventWriter } from './process-event-writer.ts'
import { type ExecFields, type Identity, ProcessInput } from './process-input.ts'
import { type ImageKey, type RunningProcess, StartOrder } from './start-order.ts'

const slash = 0x2f
const namesAt = GroupRecord.field('names').offset

/** Process records of the kernel side become `process_exec` and `process_exit` events. */
export class ProcessEvents {
  readonly #context: EventContext
  readonly #writer: ProcessEventWriter
  readonly #data: DataJoiner
  /** Control groups are never held back. */
  readonly #group
  readonly #ring: ProcessInput
  /** The ring, except while held records are replayed. */
  #input: ProcessInput
  readonly #showsBinary: boolean
  /** Until the running processes have been read. */
  #order: StartOrder | undefined = new StartOrder()
  /** Until then an unknown process that ends started before the agent and was never reported. */
  #isStarting = true
  /** Exits of processes that are not known. */
  unknownExits = 0
  /** Processes whose exit record was lost, found later. */
  lostExits = 0

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#writer = new ProcessEventWriter(context)
    this.#data = new DataJoiner(context.waiting?.values)
    this.#ring = new ProcessInput(context, memory)
    this.#input = this.#ring
    this.#showsBinary = context.content.credentials
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

  /** Whether records are to be held back: see `hold`. */
  get holds(): boolean {
    return this.#order !== undefined
  }

  /**
   * Keeps a record until the running processes have been read; beyond a bound everything is written
   * as it comes.
   * @param introduced pid of the process whose image the record introduces, if it does
   * @param replay handles the record when its turn comes
   */
  hold(record: Uint8Array, introduced: number | undefined, replay: (offset: number) => void): void {
    const order = this.#order
    order?.hold(record, introduced)
    if (order?.isFull) this.#release(order, replay)
  }

  /** The iterator has found all processes that ran before the agent. @param replay see `hold` */
  foundRunning(replay: (offset: number) => void): void {
    if (this.#order) this.#release(this.#order, replay)
    this.#isStarting = false
    // Without order, or where a record was lost.
    this.#context.cache.findParents()
  }

  #release(order: StartOrder, replay: (offset: number) => void): void {
    this.#order = undefined
    let image: ImageKey | undefined
    this.#onImage = (process) => {
      image = process
    }
    order.release({
      running: (running) => this.#addRunning(running),
      input: (memory) => {
        this.#input = new ProcessInput(this.#context, memory)
      },
      record: (offset) => {
        image = undefined
        replay(offset)
        return image
      },
    })
    this.#onImage = undefined
    this.#input = this.#ring
  }

  #onImage: ((process: Process) => void) | undefined

  /** Memory of the records that are read now. */
  get memory(): RecordMemory {
    return this.#input.memory
  }

  exec(offset: number): void {
    const record = this.#input.exec
    record.at(offset)
    const { identity, previousKtime } = record
    const { cache, containers } = this.#context
    this.#endOther(identity.key.pid, record.start)
    const parent = this.#parentOf(identity) ?? this.#parentBefore(identity)
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
    const at = offset + this.#input.identityAt.exec
    const flags = identity.flags | cut
    const process = this.#make(identity, record.start, at, parent, docker, image, flags)
    this.#add(process)
    // Where the fork of the previous image was lost, the cache lacks it and the event says so.
    if (previousKtime !== 0 && parent === undefined) process.flags |= processFlags.miss
    const properties = this.#showsBinary ? binaryProperties(record) : ''
    this.#writer.exec(process, env, properties)
  }

  fork(offset: number): void {
    const record = this.#input.fork
    record.at(offset)
    const { identity } = record
    const { key, parent: above } = identity
    const { cache, containers } = this.#context
    // A process that was just forked began when its image did.
    const start = key.ktime
    this.#endOther(key.pid, start)
    const parent = this.#live(above) ?? this.#parentBefore(identity)
    const { clonerPid, clonerKtime } = record
    const cloner = parent?.pid === clonerPid ? parent : cache.find(clonerPid, clonerKtime)
    const docker = containers.of(identity.cgroup, cloner?.docker)
    const at = offset + this.#input.identityAt.fork
    const image = cloner?.image ?? ''
    this.#add(this.#make(identity, start, at, parent, docker, image, identity.flags))
  }

  exit(offset: number): void {
    const record = this.#input.exit
    record.at(offset)
    const { key, start } = record
    const { cache } = this.#context
    this.#endOther(key.pid, start)
    const live = cache.get(key.pid)
    // Of another image: the exec record was lost.
    const process = live?.ktime === key.ktime ? live : undefined
    if (!live && this.#isStarting) return
    this.#writer.exit(process, record)
    if (process) return cache.remove(process)
    this.unknownExits++
    if (live) cache.drop(live)
  }

  /** The exit of a process that the kernel's table had no room for. */
  unlisted(offset: number): void {
    const record = this.#input.exit
    record.at(offset)
    const { key, start } = record
    const process = this.#context.cache.get(key.pid)
    // The other one of two last threads may have reported it.
    if (process?.start !== start) return
    this.#writer.exit(process, record)
    this.#context.cache.remove(process)
  }

  /** Later events of a process are throttled. */
  forget(offset: number): void {
    this.#input.exit.at(offset)
    const { key, start } = this.#input.exit
    this.#endOther(key.pid, start)
    const { cache } = this.#context
    const process = cache.get(key.pid)
    if (process) cache.remove(process)
  }

  /** A process whose exit record was lost has ended. */
  readonly lostExit = (process: Process): void => {
    this.lostExits++
    const now = bootTimeNs()
    this.#writer.lostExit(process, Number(now >> 32n), Number(now & 0xffff_ffffn))
    this.#context.cache.remove(process)
  }

  /**
   * A process that started before the agent, or an image whose record was lost. The details come
   * from /proc, unless another image or process has the pid by now.
   */
  running(offset: number): void {
    const record = this.#input.running
    record.at(offset)
    const { identity } = record
    const { key, parent } = identity
    const { start } = record
    const { cache, containers, procfs } = this.#context
    this.#endOther(key.pid, start)
    const live = cache.get(key.pid)
    // Its own record is read already, or one of a later image.
    if (live && live.execs >= key.execs) return
    const { args, cwd, binary } = readRunning(procfs, key.pid)
    const isRoot = cwd.length === 1 && cwd[0] === slash
    const flags = identity.flags | processFlags.procFS | (isRoot ? processFlags.rootcwd : 0)
    const docker = containers.of(identity.cgroup)
    const image = imageJson(
      this.#context,
      wholeText(cwd),
      wholeText(binary),
      wholeText(args),
      false,
    )
    const at = offset + this.#input.identityAt.running
    const process = this.#make(identity, start, at, undefined, docker, image, flags)
    const { pid, ktime, ktimeHigh, ktimeLow } = parent
    const running = { process, parent: { pid, ktime, ktimeHigh, ktimeLow } }
    if (this.#order) this.#order.addRunning(running)
    else this.#addRunning(running)
  }

  #addRunning({ process, parent: key }: RunningProcess): void {
    const parent = this.#live(key)
    if (parent) setParent(process, parent)
    this.#add(process)
    this.#writer.exec(process, noText, '')
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
    const { bytes } = this.#ring.memory
    const end = bytes.indexOf(0, from)
    return Buffer.from(bytes.subarray(from, end < 0 || end > to ? to : end)).toString('latin1')
  }

  data(offset: number): void {
    this.#input.piece.at(offset)
    this.#data.add(this.#input.piece, this.#input.memory.bytes)
  }

  /**
   * Where the cache has another process of the pid, that one ended and its exit record was lost.
   */
  #endOther(pid: number, start: number): void {
    const live = this.#context.cache.get(pid)
    if (live !== undefined && live.start !== start) this.lostExit(live)
  }

  /**
   * The parent of a process that was forked or replaced its image before the iterator found the
   * parent, where that ended or replaced its image in between: all that is known is that it was
   * there.
   */
  #parentBefore({ key, parent, euid, auid }: Identity): Process | undefined {
    // The parent of an image that replaced another one is that one.
    if (!this.#isStarting || parent.pid === 0 || parent.pid === key.pid) return undefined
    const { execIds, cache } = this.#context
    const { pid, ktime, ktimeHigh, ktimeLow } = parent
    const execId = execIds.format(ktimeHigh, ktimeLow, pid)
    const process: Process = {
      ...{ pid, start: ktime, execs: 0, ktime, ktimeHigh, ktimeLow, execId },
      ...{ parent: undefined, parentExecId: execIds.format(0, 1, 0) },
      ...{ flags: processFlags.procFS | processFlags.miss, euid, auid },
      ...{ docker: '', image: '', details: '', json: undefined, references: 0 },
    }
    cache.addEnded(process)
    this.#writer.exec(process, noText, '')
    return process
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
  #live(key: RunningProcess['parent']): Process | undefined {
    const { cache } = this.#context
    const live = cache.find(key.pid, key.ktime)
    if (live || key.pid !== initPid || cache.get(initPid)) return live
    const init = initProcess(this.#context, key)
    cache.add(init)
    this.#writer.exec(init, noText, '')
    return init
  }

  #add(process: Process): void {
    this.#context.cache.add(process)
    this.#onImage?.(process)
  }

  /** @param offset where the identity lies */
  #make(
    identity: Identity,
    start: number,
    offset: number,
    parent: Process | undefined,
    docker: string,
    image: string,
    flags: number,
  ): Process {
    const { execIds } = this.#context
    const { key } = identity
    const { pid, execs, ktime, ktimeHigh, ktimeLow } = key
    const above = identity.parent
    const { details } = this.#input
    return {
      pid,
      start,
      execs,
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
      details: details === undefined ? '' : details.of(identity, offset),
      json: undefined,
      counts: undefined,
      binary: undefined,
      filterAnswers: undefined,
      references: 1,
    }
  }

  #text({ offset, length }: { readonly offset: number; readonly length: number }): Text {
    return { bytes: this.#input.memory.bytes, from: offset, to: offset + length }
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
