import { processFlags } from '@tetragon-ts/api'
import { type Fields, type RecordMemory, reader } from '@tetragon-ts/ebpf/records'
import {
  BacklogRecord,
  DataRecord,
  ExitRecord,
  execMarks,
  ProcessKey,
  type ProcessRecords,
  processRecords,
} from '@tetragon-ts/sensors'
import { isOfHost } from '../../processes/is-of-host.ts'
import { makeProcess, type Process } from '../../processes/process.ts'
import { isInProcfs, type RunningDetails, readRunning } from '../../processes/procfs.ts'
import type { Counters } from '../counters.ts'
import { recordContent } from '../event-content.ts'
import type { EventContext } from '../event-context.ts'
import type { ExecDetails } from '../json/exec-details-json.ts'
import { executableJson } from '../json/executable-json.ts'
import { imageText } from '../json/image-text.ts'
import { ProcessDetails } from '../json/process-details.ts'
import { imageJson, noText, type Text, wholeText } from '../json/process-json.ts'
import { ProcessFiles } from '../process-files/process-files.ts'
import { binaryProperties } from './binary-properties.ts'
import { DataJoiner } from './pieces.ts'
import type { RunningProcess } from './start-order.ts'
import type { HitProcess } from './unknown-processes.ts'

export type ExecFields = Fields<ProcessRecords['ExecRecord']['shape']>
export type RunningFields = Fields<ProcessRecords['RunningRecord']['shape']>
export type Identity = Fields<ProcessRecords['Identity']['shape']>

/** Cursors over the process records in a memory: the ring, or held records. */
export class ProcessInput {
  readonly memory: RecordMemory
  readonly exec
  readonly fork
  readonly exit
  readonly running
  readonly piece
  readonly backlog
  /** Offsets of the identity in records. */
  readonly identityAt: { readonly exec: number; readonly fork: number; readonly running: number }
  /** Offsets in records, for readers of many records: of the key, and of the process's start. */
  readonly keys: Readonly<Record<'exec' | 'fork' | 'exit', { key: number; start: number }>>
  /** Undefined if records have only the minimum. */
  readonly details: ProcessDetails | undefined

  constructor({ content, procfs }: EventContext, memory: RecordMemory) {
    const wanted = recordContent(content)
    const { Identity, ExecRecord, ForkRecord, RunningRecord } = processRecords(wanted)
    this.memory = memory
    this.exec = reader(ExecRecord, memory)
    this.fork = reader(ForkRecord, memory)
    this.exit = reader(ExitRecord, memory)
    this.running = reader(RunningRecord, memory)
    this.piece = reader(DataRecord, memory)
    this.backlog = reader(BacklogRecord, memory)
    this.identityAt = {
      exec: ExecRecord.field('identity').offset,
      fork: ForkRecord.field('identity').offset,
      running: RunningRecord.field('identity').offset,
    }
    const key = Identity.field('key').offset
    const ktime = ProcessKey.field('ktime').offset
    const fork = this.identityAt.fork + key
    this.keys = {
      exec: { key: this.identityAt.exec + key, start: ExecRecord.field('start').offset },
      // A process that was just forked began with its image.
      fork: { key: fork, start: fork + ktime },
      exit: { key: ExitRecord.field('key').offset, start: ExitRecord.field('start').offset },
    }
    if (wanted.credentials || wanted.namespaces) {
      this.details = new ProcessDetails(content, Identity, memory, procfs)
    }
  }
}

const slash = 0x2f
const noBytes = new Uint8Array()

/** Creates processes from the records that introduce them. */
export class ProcessBuilder {
  readonly #context: EventContext
  readonly #data: DataJoiner
  readonly #files: ProcessFiles
  readonly #showsBinary: boolean
  readonly #showsArgv: boolean

  constructor(context: EventContext) {
    this.#context = context
    this.#data = new DataJoiner(context.waiting?.values)
    this.#files = new ProcessFiles(context.procfs)
    this.#showsBinary = context.content.credentials
    this.#showsArgv = context.content.exec.argv
  }

  count(counters: Counters): void {
    counters.set('piecesWaiting', this.#data.size)
    counters.set('piecesEvicted', this.#data.evicted)
  }

  /** Running processes are not looked for any more. */
  closeFiles(): void {
    this.#files.close()
  }

  /** Keeps the piece of arguments or environment at the cursor for the exec record after it. */
  addPiece({ piece, memory }: ProcessInput): void {
    this.#data.add(piece, memory.bytes)
  }

  /** The process of the exec record at the cursor, and what only its event shows. */
  executed(
    input: ProcessInput,
    offset: number,
    parent: Process | undefined,
  ): { process: Process; shown: ExecDetails } {
    const record = input.exec
    const text = (field: Span): Text => textOf(input, field)
    const { identity, session } = record
    const { cache, containers } = this.#context
    const last = cache.get(identity.key.pid)?.workload
    const workload = containers.of(identity, last, parent)
    const { args, env } = this.#argumentsOf(input)
    // Some pieces were lost.
    const cut = args.to - args.from < record.argsLength ? processFlags.truncArgs : 0
    const binary = text(record.filename)
    const named = imageJson(this.#context, text(record.cwd), binary, args, record.cwdDeleted !== 0)
    const image = named + this.#executableJson(named, binary, input)
    const details = detailsOf(input, identity, offset + input.identityAt.exec)
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
        variables: text(record.variables),
        areVariablesCut: (record.marks & execMarks.variablesCut) !== 0,
        isInUpperLayer: (record.marks & execMarks.upperLayer) !== 0,
        session,
        leader: session === process.pid ? process.execId : this.#leaderOf(record),
        tty: text(record.tty),
      },
    }
  }

  /** Exec id of the leader of a session. A pid belongs to it as long as the session has members. */
  #leaderOf({ session, start }: ExecFields): string {
    // 0 without this field, and the kernel itself leads no session.
    const leader = session > 0 ? this.#context.cache.get(session) : undefined
    // One that was started later has got the pid after the end of the session.
    return leader !== undefined && leader.start <= start ? leader.execId : ''
  }

  /**
   * The process of the fork record at the cursor.
   * @param cloner runs the same program
   * @param image of that program, if the cloner is not known
   */
  forked(
    input: ProcessInput,
    offset: number,
    parent: Process | undefined,
    cloner: Process | undefined,
    image = '',
  ): Process {
    const { identity } = input.fork
    const { key, flags } = identity
    const workload = this.#context.containers.of(identity, cloner?.workload, parent)
    const details = detailsOf(input, identity, offset + input.identityAt.fork)
    const program = cloner?.image || image
    const facts = { start: key.ktime, parent, flags, workload, image: program, details }
    return makeProcess(this.#context.execIds, identity, facts)
  }

  /**
   * The process of the exec record at the cursor before that exec, if its fork was not seen. It is
   * assumed to run the program of its parent.
   * @param execs the kernel's count of its execs at that time
   */
  beforeExec(
    input: ProcessInput,
    offset: number,
    execs: number,
    parent: Process | undefined,
  ): Process {
    const { identity, start, startHigh, startLow } = input.exec
    const { parent: above, euid, auid, nspid, key } = identity
    const { containers, execIds } = this.#context
    // A process that was just forked began with its image.
    const began = { ktime: start, ktimeHigh: startHigh, ktimeLow: startLow }
    const inInitTree = identity.flags & processFlags.inInitTree
    const facts = {
      start,
      parent,
      flags: processFlags.clone | processFlags.miss | inInitTree,
      workload: containers.of(identity, undefined, parent),
      image: parent?.image ?? '',
      details: detailsOf(input, identity, offset + input.identityAt.exec),
    }
    const own = { key: { pid: key.pid, execs, ...began }, parent: above, euid, auid, nspid }
    return makeProcess(execIds, own, facts)
  }

  /**
   * The image of a hit, which replaced another one unseen. Its program is unknown, and it began at
   * the time of the hit at the latest.
   */
  inferred(before: Process, { execs, timeHigh, timeLow }: HitProcess): Process {
    const { pid, start, euid, auid, namespacePid: nspid, workload, isHeld } = before
    const ktime = timeHigh * 2 ** 32 + timeLow
    const key = { pid, execs, ktime, ktimeHigh: timeHigh, ktimeLow: timeLow }
    const inInitTree = before.flags & processFlags.inInitTree
    const flags = processFlags.execve | processFlags.miss | inInitTree
    const facts = { start, parent: before, flags, workload, image: '', details: '' }
    const identity = { key, parent: before, euid, auid, nspid }
    const process = makeProcess(this.#context.execIds, identity, facts)
    process.isHeld = isHeld
    return process
  }

  #executableJson(image: string, used: Text, input: ProcessInput): string {
    const { executable, marks } = input.exec
    return executableJson(this.#context.out, image, used, {
      path: textOf(input, executable),
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

  /** Arguments and environment, from the record or from the pieces before it. */
  #argumentsOf(input: ProcessInput): { args: Text; env: Text } {
    const record = input.exec
    const args = textOf(input, record.args)
    const env = textOf(input, record.env)
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

  /**
   * The process of the record of a running process at the cursor, without its parent. Details are
   * read from /proc, unless the pid already belongs to another image or process.
   */
  found(input: ProcessInput, offset: number): RunningProcess {
    const { identity, start, held } = input.running
    const { key, parent } = identity
    const { containers, procfs } = this.#context
    const running = this.#inProcfs(identity, start)
    const { cwd, binary } = running
    const isRoot = cwd.length === 1 && cwd[0] === slash
    const rootcwd = isRoot ? processFlags.rootcwd : 0
    // Most processes without a binary have ended since the kernel found them.
    const hasEnded = binary.length === 0 && !isInProcfs(procfs, { pid: key.pid, start })
    const miss = hasEnded ? processFlags.miss : 0
    const flags = identity.flags | processFlags.procFS | rootcwd | miss
    const workload = containers.of(identity)
    const image = this.#imageOf(running)
    const details = detailsOf(input, identity, offset + input.identityAt.running)
    const facts = { start, parent: undefined, flags, workload, image, details }
    const process = makeProcess(this.#context.execIds, identity, facts)
    process.isHeld = held !== 0
    const { pid, ktime, ktimeHigh, ktimeLow } = parent
    return { process, parent: { pid, ktime, ktimeHigh, ktimeLow } }
  }

  /** Facts in /proc about the process of a record. */
  #inProcfs({ euid, key: { pid } }: Identity, start: number): RunningDetails {
    const { procfs } = this.#context
    const isTrusted = euid === 0 && isOfHost(procfs, pid)
    return isTrusted
      ? readRunning(procfs, pid)
      : readRunning(procfs, pid, () => this.#safeArguments(pid, start))
  }

  #imageOf({ cwd, binary, args }: RunningDetails): string {
    const [folder, path, words] = [wholeText(cwd), wholeText(binary), wholeText(args)]
    return imageJson(this.#context, folder, path, words, false)
  }

  /**
   * Facts in /proc about the process of the fork record at the cursor, whose program is not known
   * otherwise; empty if it has ended.
   */
  imageInProcfs({ fork: { identity } }: ProcessInput): string {
    const { pid, ktime: start } = identity.key
    const running = this.#inProcfs(identity, start)
    return isInProcfs(this.#context.procfs, { pid, start }) ? this.#imageOf(running) : ''
  }

  /** Arguments of a process that may hold up who reads them; empty if it does. */
  #safeArguments(pid: number, start: number): Uint8Array {
    return this.#files.readNow({ pid, start }, 'cmdline') ?? noBytes
  }
}

/** A range of a record's memory. */
interface Span {
  readonly offset: number
  readonly length: number
}

function textOf({ memory }: ProcessInput, { offset, length }: Span): Text {
  return { bytes: memory.bytes, from: offset, to: offset + length }
}

/** @param offset of the identity */
function detailsOf(input: ProcessInput, identity: Identity, offset: number): string {
  return input.details?.of(identity, offset) ?? ''
}
