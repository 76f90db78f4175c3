import { processFlags } from '@tetragon-ts/api'
import { recordMax } from '@tetragon-ts/compiler/hooks'
import { type RecordMemory, recordMemory } from '@tetragon-ts/ebpf/records'
import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import { execMarks } from '@tetragon-ts/sensors'
import { isOfHost } from '../../processes/is-of-host.ts'
import { kernelProcess } from '../../processes/kernel-process.ts'
import { makeProcess, type Process, workloadChanged } from '../../processes/process.ts'
import { setParent } from '../../processes/process-cache.ts'
import { readRunning } from '../../processes/procfs.ts'
import type { ContainerPod, ContainerText } from '../../processes/workload.ts'
import type { PodCounts } from '../../workloads/pods.ts'
import type { Counters } from '../counters.ts'
import type { EventContext } from '../event-context.ts'
import { type ExecDetails, noDetails } from '../json/exec-details-json.ts'
import { executableJson } from '../json/executable-json.ts'
import { imageText } from '../json/image-text.ts'
import { imageJson, noText, type Text, wholeText } from '../json/process-json.ts'
import { ProcessFiles } from '../process-files/process-files.ts'
import { Backlog, type BacklogRing, type HeldImage } from './backlog.ts'
import { binaryProperties } from './binary-properties.ts'
import { HeldProcesses } from './held-processes.ts'
import { Parents } from './parents.ts'
import { DataJoiner } from './pieces.ts'
import { ProcessEventWriter } from './process-event-writer.ts'
import { type ExecFields, type Identity, ProcessInput } from './process-input.ts'
import type { LiveProcesses } from './reconciliation.ts'
import type { RecordHandler } from './record-handler.ts'
import { type HeldRecord, type ImageKey, type RunningProcess, StartOrder } from './start-order.ts'
import { type Found, type HitProcess, UnknownProcesses } from './unknown-processes.ts'

const slash = 0x2f
const noBytes = new Uint8Array()

/** Turns process records of the kernel side into `process_exec` and `process_exit` events. */
export class ProcessEvents implements RecordHandler {
  readonly #context: EventContext
  readonly #writer: ProcessEventWriter
  readonly #parents: Parents
  readonly #data: DataJoiner
  readonly #ring: ProcessInput
  /** The ring, except while held records are replayed. */
  #input: ProcessInput
  readonly #files: ProcessFiles
  readonly #showsBinary: boolean
  readonly #showsArgv: boolean
  /** Until the running processes have been read. */
  #order: StartOrder | undefined = new StartOrder()
  /** Exits of unknown processes. */
  #unknownExits = 0
  /** Processes whose exit record was lost, found later. */
  #lostExits = 0

  /** Processes of hook records that the cache lacks. */
  readonly unknown = new UnknownProcesses((record, hit) => this.#adopt(record, hit))

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#writer = new ProcessEventWriter(context)
    this.#parents = new Parents(context, this.#writer)
    this.#data = new DataJoiner(context.waiting?.values)
    this.#ring = new ProcessInput(context, memory)
    this.#input = this.#ring
    this.#files = new ProcessFiles(context.procfs)
    this.#showsBinary = context.content.credentials
    this.#showsArgv = context.content.exec.argv
    context.containers.onPod = (cgroup) => context.policySets?.found(cgroup)
    context.containers.onChange = (changed) => {
      this.#changed(({ workload }) => workload === changed)
    }
  }

  /** These pods have changed, or are known now. */
  podsChanged(changed: ReadonlySet<ContainerPod>): void {
    if (changed.size === 0) return
    this.#context.containers.podsChanged()
    this.#changed(({ workload: { pod } }) => pod !== undefined && changed.has(pod))
    this.#context.policySets?.podsChanged(changed)
  }

  /** The runtime reported more about a container outside of pods. */
  containerChanged(changed: ContainerText): void {
    this.#changed(({ workload: { container } }) => container === changed)
  }

  #changed(isOne: (process: Process) => boolean): void {
    const { cache, findings } = this.#context
    for (const process of cache.live) {
      if (!isOne(process)) continue
      workloadChanged(process)
      findings?.forget(process)
    }
  }

  /** Events written. */
  get written(): number {
    return this.#writer.written
  }

  count(counters: Counters): void {
    counters.set('piecesWaiting', this.#data.size)
    counters.set('piecesEvicted', this.#data.evicted)
    counters.set('unknownExits', this.#unknownExits)
    counters.set('lostExits', this.#lostExits)
    counters.set('heldRecords', this.#backlog?.read ?? 0)
    counters.set('heldProcesses', this.#held?.added ?? 0)
    const { pods } = this.#context
    if (pods === undefined) return
    countPods(counters, pods.counts)
    counters.set('deletedPodHits', pods.api.hits)
    counters.set('deletedPodEvictions', pods.api.evictions)
  }

  #held: HeldProcesses | undefined
  #backlog: Backlog | undefined
  /** Called with the pid of each process that ended, if its exit is not posted. */
  onHeldExit: ((pid: number) => void) | undefined

  /**
   * Policies filter process events: their records are in another ring.
   * @param live state of live processes in the kernel
   */
  openBacklog(ring: BacklogRing, live: Pick<LiveProcesses, 'startOf'>): void {
    const { cache } = this.#context
    const { bytes } = ring
    const memory = recordMemory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const backlog = new Backlog(ring, memory, new ProcessInput(this.#context, memory), {
      isKnown: (pid) => cache.get(pid) !== undefined,
      ended: (pid, start) => this.#heldEnded(pid, start),
      evicted: (image) => held.evicted(image),
    })
    const own = recordMemory(new ArrayBuffer(recordMax + 1))
    const input = new ProcessInput(this.#context, own)
    const held = new HeldProcesses({
      cache,
      backlog,
      live,
      make: (image, parent, cloner) => this.#makeHeld(image, input, parent, cloner),
    })
    this.#backlog = backlog
    this.#held = held
    this.#parents.held = held
    this.unknown.findHeld = held.ofHit
  }

  /** Half of the ring of processes whose events are not posted is full. */
  backlog(offset: number): void {
    const { backlog } = this.#input
    backlog.at(offset)
    // Executable mappings are read late, and may belong to processes that have ended.
    if (this.#context.cache.keepsImages) this.#backlog?.readAll()
    else this.#backlog?.dropEnded(backlog.timeHigh * 2 ** 32 + backlog.timeLow)
  }

  /** Adds the images of a pid whose events are not posted. */
  readonly adoptHeld = (pid: number): void => this.#held?.adoptAll(pid)

  #heldEnded(pid: number, start: number): void {
    const { cache } = this.#context
    const live = cache.get(pid)
    if (live?.start !== start) return
    this.onHeldExit?.(pid)
    cache.remove(live)
  }

  /** @param input reads a copy of the record */
  #makeHeld(
    { kind, record }: HeldImage,
    input: ProcessInput,
    parent: Process | undefined,
    cloner: Process | undefined,
  ): Process {
    const current = this.#input
    this.#input = input
    input.memory.bytes.set(record)
    input[kind].at(0)
    const process =
      kind === 'exec' ? this.#executed(0, parent).process : this.#forked(0, parent, cloner)
    this.#input = current
    return process
  }

  /** Writes the event of the kernel, the ancestor of all processes. */
  begin(): void {
    const { cache, execIds } = this.#context
    const kernel = kernelProcess(execIds)
    cache.add(kernel)
    this.#writer.exec(kernel, noDetails)
  }

  /** Whether records are held back: see `hold`. */
  get holds(): boolean {
    return this.#order !== undefined
  }

  /**
   * Keeps a record until the running processes have been read; beyond a limit everything is written
   * as it arrives.
   * @param replay handles the record later
   */
  hold(record: Uint8Array, subject: HeldRecord, replay: (offset: number) => void): void {
    const order = this.#order
    order?.hold(record, subject)
    if (order?.isFull) this.#release(order, replay)
  }

  /**
   * The walk has reported all processes that started before the agent.
   * @param replay see `hold`
   */
  foundRunning(replay: (offset: number) => void): void {
    this.#files.close()
    if (this.#order) this.#release(this.#order, replay)
    this.#parents.endStart()
    // Not in order, or after a lost record.
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

  /** Memory of the current records. */
  get memory(): RecordMemory {
    return this.#input.memory
  }

  exec(offset: number): void {
    const record = this.#input.exec
    record.at(offset)
    const { identity, previousKtime } = record
    this.#endOther(identity.key.pid, record.start)
    const parent = this.#parents.of(identity) ?? this.#parents.before(identity)
    const { process, shown } = this.#executed(offset, parent)
    this.#add(process)
    this.#backlog?.posted(process.pid, process.start)
    // If the fork of the previous image was lost, the cache lacks it and the event is marked.
    if (previousKtime !== 0 && parent === undefined) process.flags |= processFlags.miss
    this.#writer.exec(process, shown)
  }

  /** The process of the exec record at the cursor, and what only its event shows. */
  #executed(offset: number, parent: Process | undefined): { process: Process; shown: ExecDetails } {
    const record = this.#input.exec
    const { identity } = record
    const { cache, containers } = this.#context
    const last = cache.get(identity.key.pid)?.workload
    const workload = containers.of(identity.cgroup, last, parent, identity.parent.pid)
    const { args, env } = this.#argumentsOf(record)
    // Some pieces were lost.
    const cut = args.to - args.from < record.argsLength ? processFlags.truncArgs : 0
    const binary = this.#text(record.filename)
    const named = imageJson(
      this.#context,
      this.#text(record.cwd),
      binary,
      args,
      record.cwdDeleted !== 0,
    )
    const image = named + this.#executableJson(named, binary, record)
    const details = this.#details(identity, offset + this.#input.identityAt.exec)
    const flags = identity.flags | cut
    const facts = { start: record.start, parent, flags, workload, image, details }
    const process = makeProcess(this.#context.execIds, identity, facts)
    return {
      process,
      shown: {
        properties: this.#showsBinary ? binaryProperties(record) : '',
        env,
        argv: this.#showsArgv ? this.#redactedArgv(named, args) : noText,
        isArgvCut: cut !== 0,
        variables: this.#text(record.variables),
        areVariablesCut: (record.marks & execMarks.variablesCut) !== 0,
        isInUpperLayer: (record.marks & execMarks.upperLayer) !== 0,
        session: record.session,
        // 0 without this field, and the kernel itself leads no session.
        leader: record.session > 0 ? (cache.get(record.session)?.execId ?? '') : '',
        tty: this.#text(record.tty),
      },
    }
  }

  fork(offset: number): void {
    const record = this.#input.fork
    record.at(offset)
    const { identity } = record
    const { key, parent: above } = identity
    // A process that was just forked began with its image.
    this.#endOther(key.pid, key.ktime)
    const parent = this.#parents.find(above) ?? this.#parents.before(identity)
    const { clonerPid, clonerKtime } = record
    const cloner =
      parent?.pid === clonerPid
        ? parent
        : (this.#context.cache.find(clonerPid, clonerKtime) ??
          this.#held?.program(clonerPid, clonerKtime))
    this.#add(this.#forked(offset, parent, cloner))
  }

  /** The process of the fork record at the cursor. @param cloner runs the same program */
  #forked(offset: number, parent: Process | undefined, cloner: Process | undefined): Process {
    const record = this.#input.fork
    const { identity } = record
    const { key, parent: above } = identity
    const { containers } = this.#context
    const workload = containers.of(identity.cgroup, cloner?.workload, parent, above.pid)
    const details = this.#details(identity, offset + this.#input.identityAt.fork)
    const [{ flags }, image] = [identity, cloner?.image ?? '']
    const facts = { start: key.ktime, parent, flags, workload, image, details }
    return makeProcess(this.#context.execIds, identity, facts)
  }

  exit(offset: number): void {
    const record = this.#input.exit
    record.at(offset)
    const { key, start } = record
    const { cache } = this.#context
    this.#endOther(key.pid, start)
    // One that never executed a program, and was not named by an event yet.
    if (cache.get(key.pid)?.ktime !== key.ktime) this.#held?.adopt(key.pid, key.ktime)
    const live = cache.get(key.pid)
    // Another image: the exec record was lost.
    const process = live?.ktime === key.ktime ? live : undefined
    if (!live && this.#parents.isStarting) return
    this.#writer.exit(process, record)
    if (process) return cache.remove(process)
    this.#unknownExits++
    if (live) cache.drop(live)
  }

  /** The exit of a process that did not fit into the kernel's table. */
  unlisted(offset: number): void {
    const record = this.#input.exit
    record.at(offset)
    const { key, start } = record
    const process = this.#context.cache.get(key.pid)
    // Another one of two last threads may have reported it.
    if (process?.start !== start) return
    this.#writer.exit(process, record)
    this.#context.cache.remove(process)
  }

  /** Later events of the process are throttled. */
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
    // Its exit may be held.
    this.#held?.readAll()
    const { cache } = this.#context
    if (cache.get(process.pid) !== process) return
    if (process.isHeld) return cache.remove(process)
    this.#lostExits++
    const now = bootTimeNs()
    this.#writer.lostExit(process, Number(now >> 32n), Number(now & 0xffff_ffffn))
    this.#context.cache.remove(process)
  }

  /**
   * A process that started before the agent, or an image whose record was lost. Details are read
   * from /proc, unless the pid already belongs to another image or process.
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
    // Its own record, or one of a later image, was already read.
    if (live && live.execs >= key.execs) return
    const isTrusted = identity.euid === 0 && isOfHost(procfs, key.pid)
    const { args, cwd, binary } = isTrusted
      ? readRunning(procfs, key.pid)
      : readRunning(procfs, key.pid, () => this.#safeArguments(key.pid, start))
    const isRoot = cwd.length === 1 && cwd[0] === slash
    const flags = identity.flags | processFlags.procFS | (isRoot ? processFlags.rootcwd : 0)
    const workload = containers.of(identity.cgroup, undefined, undefined, parent.pid)
    const image = imageJson(
      this.#context,
      wholeText(cwd),
      wholeText(binary),
      wholeText(args),
      false,
    )
    const details = this.#details(identity, offset + this.#input.identityAt.running)
    const facts = { start, parent: undefined, flags, workload, image, details }
    const process = makeProcess(this.#context.execIds, identity, facts)
    process.isHeld = record.held !== 0
    const { pid, ktime, ktimeHigh, ktimeLow } = parent
    const running = { process, parent: { pid, ktime, ktimeHigh, ktimeLow } }
    if (this.#order) this.#order.addRunning(running)
    else this.#addRunning(running)
  }

  /** Arguments of a process that may hold up who reads them; empty if it does. */
  #safeArguments(pid: number, start: number): Uint8Array {
    return this.#files.readNow({ pid, start }, 'cmdline') ?? noBytes
  }

  /**
   * Adds a process that the kernel has found although no record introduced it, if it is that of a
   * hit.
   * @param bytes a `RunningRecord`
   */
  #adopt(bytes: Uint8Array, hit: HitProcess): Found {
    const memory = recordMemory(new ArrayBuffer((bytes.length + 7) & ~7))
    memory.bytes.set(bytes)
    const input = new ProcessInput(this.#context, memory)
    input.running.at(0)
    const { start, identity } = input.running
    const { execs, ktimeHigh, ktimeLow } = identity.key
    if (start !== hit.start) return 'none'
    const live = this.#context.cache.get(hit.pid)
    const isNext = live?.start === start && hit.execs === (live.execs + 1) >>> 0
    // The kernel counts an exec before its record is sent, and also one that fails late.
    const isEarlier =
      hit.timeHigh < ktimeHigh || (hit.timeHigh === ktimeHigh && hit.timeLow < ktimeLow)
    if (isNext && (isEarlier || execs === live.execs)) return 'previous'
    if (execs !== hit.execs) return 'none'
    this.#input = input
    this.running(0)
    this.#input = this.#ring
    return 'added'
  }

  #addRunning({ process, parent: key }: RunningProcess): void {
    const live = this.#context.cache.get(process.pid)
    if (live?.start === process.start && live.execs >= process.execs) return
    const parent = this.#parents.find(key)
    if (parent) setParent(process, parent)
    this.#add(process)
    if (!process.isHeld) this.#writer.exec(process, noDetails)
  }

  data(offset: number): void {
    this.#input.piece.at(offset)
    this.#data.add(this.#input.piece, this.#input.memory.bytes)
  }

  /**
   * If the cache has another process with this pid, that process ended and its exit record was
   * lost.
   */
  #endOther(pid: number, start: number): void {
    const live = this.#context.cache.get(pid)
    if (live !== undefined && live.start !== start) this.lostExit(live)
  }

  #add(process: Process): void {
    this.#context.cache.add(process)
    this.#onImage?.(process)
  }

  /** @param offset of the identity */
  #details(identity: Identity, offset: number): string {
    return this.#input.details?.of(identity, offset) ?? ''
  }

  #executableJson(image: string, used: Text, { executable, marks }: ExecFields): string {
    return executableJson(this.#context.out, image, used, {
      path: this.#text(executable),
      isDeleted: (marks & execMarks.executableDeleted) !== 0,
      isCut: (marks & execMarks.executableCut) !== 0,
    })
  }

  /**
   * The arguments, if no redaction has changed them: the text that it may hide can lie across
   * several. It does not see the name, which is tested here.
   */
  #redactedArgv(image: string, args: Text): Text {
    const { redaction } = this.#context
    if (redaction === undefined) return args
    if (redaction.hasChangedImage) return noText
    const { bytes, from, to } = args
    let end = from
    while (end < to && bytes[end] !== 0) end++
    const name = Buffer.from(bytes.subarray(from, end)).toString('utf8')
    const shown = redaction.redact(name, () => imageText(image, 'binary'))
    return shown === name ? args : noText
  }

  #text({ offset, length }: { readonly offset: number; readonly length: number }): Text {
    return { bytes: this.#input.memory.bytes, from: offset, to: offset + length }
  }

  /** Arguments and environment, from the record or from the pieces before it. */
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

function countPods(counters: Counters, { found, other, missing, faults }: PodCounts): void {
  counters.set('podsFound', found)
  counters.set('podsOther', other)
  counters.set('podsMissing', missing)
  counters.set('podsUnsafe', faults.unsafe)
  counters.set('podsUnreadable', faults.unreadable)
  counters.set('podsTooLarge', faults.too_large)
  counters.set('podsMalformed', faults.malformed)
}
