import { posix } from 'node:path'
import { formatProcessFlags, processFlags } from '@tetragon-ts/api'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Process, ProcessBytes, ProcessJson } from '../../processes/process.ts'
import type { EventBuffer, WallClock } from './event-lines.ts'
import { isExecProbe } from './exec-probe.ts'

const flagNames = new Map<number, string>()

/** Names of process flags; the few combinations that occur are formatted once. */
function namesOfFlags(mask: number): string {
  let names = flagNames.get(mask)
  if (names === undefined) {
    names = formatProcessFlags(mask)
    flagNames.set(mask, names)
  }
  return names
}

/**
 * Writes a process as a JSON object. All but the reference count is cached with the process, since
 * a process is in many events.
 */
export function writeProcess(
  out: EventBuffer,
  process: Process,
  clock: WallClock,
  showReferences: boolean,
  tid = process.pid,
): void {
  process.json ??= makeJson(out, process, clock)
  const { json } = process
  const bytes = json.bytes ?? bytesOf(json)
  const start = out.length
  if (bytes) out.append(bytes.head)
  else out.latin1(json.head)
  if (out.processOffsets.isOn) out.processOffsets.add(json, start, out.length)
  if (showReferences && process.references > 0) {
    out.latin1(',"refcnt":')
    out.decimal(process.references)
  }
  if (tid !== process.pid) {
    out.latin1(',"tid":')
    out.decimal(tid)
    out.latin1(json.end)
  } else if (bytes) {
    out.append(bytes.rest)
  } else {
    out.latin1(json.rest)
  }
}

/** Most processes are in fewer events: they cost no memory for bytes. */
const usesForBytes = 8

function bytesOf(json: ProcessJson): ProcessBytes | undefined {
  if (++json.uses < usesForBytes) return undefined
  json.bytes = { head: Buffer.from(json.head, 'latin1'), rest: Buffer.from(json.rest, 'latin1') }
  return json.bytes
}

/**
 * A process as event JSON, UTF-8 in a latin1 string; the end of the event buffer serves as scratch
 * space.
 */
export function processText(out: EventBuffer, process: Process, clock: WallClock): string {
  process.json ??= makeJson(out, process, clock)
  return process.json.head + process.json.rest
}

/** Uses the end of the event buffer as scratch space. */
function makeJson(out: EventBuffer, process: Process, clock: WallClock): ProcessJson {
  const from = out.length
  out.latin1('{"exec_id":"')
  out.latin1(process.execId)
  out.latin1('","pid":')
  out.decimal(process.pid)
  out.latin1(',"uid":')
  out.decimal(process.euid)
  out.latin1(process.image)
  out.latin1(',"flags":"')
  out.latin1(namesOfFlags(process.flags))
  out.latin1('","start_time":"')
  clock.write(out, process.ktimeHigh, process.ktimeLow)
  out.latin1('","auid":')
  out.decimal(process.auid)
  writeWorkload(out, process)
  out.latin1(',"parent_exec_id":"')
  out.latin1(process.parentExecId)
  out.byte(0x22)
  out.latin1(process.details)
  const head = out.latin1Since(from)
  out.length = from
  const inInitTree = (process.flags & processFlags.inInitTree) !== 0
  const end = inInitTree ? ',"in_init_tree":true}' : ',"in_init_tree":false}'
  const rest = `,"tid":${process.pid}${end}`
  return { head, rest, end, wire: undefined, uses: 0, bytes: undefined }
}

function writeWorkload(out: EventBuffer, { workload, namespacePid, image }: Process): void {
  const { docker, pod, container } = workload
  if (pod !== undefined) {
    const { head, tail, hasContainer, probes } = pod.text
    out.latin1(',"pod":')
    out.latin1(head)
    if (hasContainer && namespacePid !== 0) {
      out.latin1(',"pid":')
      out.decimal(namespacePid)
    }
    if (isExecProbe(image, probes)) out.latin1(',"maybe_exec_probe":true')
    out.latin1(tail)
  }
  if (docker === '') return
  out.latin1(',"docker":"')
  out.latin1(docker)
  out.byte(0x22)
  if (container === undefined) return
  out.latin1(',"container":')
  out.latin1(container.head)
  if (namespacePid !== 0) {
    out.latin1(',"pid":')
    out.decimal(namespacePid)
  }
  out.latin1(container.tail)
}

/** A range of bytes from outside. */
export interface Text {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

export const noText: Text = { bytes: new Uint8Array(), from: 0, to: 0 }

/** All of these bytes. */
export function wholeText(bytes: Uint8Array): Text {
  return { bytes, from: 0, to: bytes.length }
}

const deleted = Buffer.from(' (deleted)')
const slash = 0x2f
const blank = 0x20

/** Redacts parts of an image. */
export interface Redactor {
  redactImage(image: string, args: Text): string
}

/** JSON fields cwd, binary and arguments; the end of the event buffer serves as scratch space. */
export function imageJson(
  { out, redaction }: { readonly out: ByteWriter; readonly redaction?: Redactor | undefined },
  cwd: Text,
  binary: Text,
  args: Text,
  cwdDeleted: boolean,
): string {
  const from = out.length
  out.latin1(',"cwd":"')
  writeCwd(out, cwd, cwdDeleted)
  out.latin1('","binary":"')
  if (binary.to > binary.from && binary.bytes[binary.from] !== slash) {
    const joined = joinPaths(cwd, binary)
    out.jsonText(joined, 0, joined.length)
  } else {
    out.jsonText(binary.bytes, binary.from, binary.to)
  }
  const beforeArguments = out.length
  out.latin1('","arguments":"')
  const argumentsStart = out.length
  writeArguments(out, args.bytes, args.from, args.to)
  if (out.length === argumentsStart) out.length = beforeArguments
  out.byte(0x22)
  const image = out.latin1Since(from)
  out.length = from
  return redaction ? redaction.redactImage(image, args) : image
}

function writeCwd(out: ByteWriter, cwd: Text, isDeleted: boolean): void {
  if (cwd.from === cwd.to) out.byte(slash)
  else out.jsonText(cwd.bytes, cwd.from, cwd.to)
  if (isDeleted) out.jsonText(deleted, 0, deleted.length)
}

/** The full path of a program that was executed by a relative path. Rare, so it may allocate. */
function joinPaths(directory: Text, path: Text): Uint8Array {
  const [base, name] = [directory, path].map(({ bytes, from, to }) =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1'),
  )
  return Buffer.from(posix.join('/', base, name), 'latin1')
}

/**
 * Writes an argument vector as the content of the JSON string `arguments`: joined by blanks, with
 * arguments that contain a blank in quotes (see joinArguments), without argv[0].
 * @param source argv as execve stores it: each argument followed by a zero byte
 */
export function writeArguments(
  out: ByteWriter,
  source: Uint8Array,
  from: number,
  to: number,
): void {
  let start = endOfArgument(source, from, to) + 1
  const begin = out.length
  while (start < to) {
    const end = endOfArgument(source, start, to)
    if (hasBlank(source, start, end)) {
      out.latin1(' \\"')
      out.jsonText(source, start, end)
      out.latin1('\\"')
    } else {
      if (out.length > begin) out.byte(blank)
      out.jsonText(source, start, end)
    }
    start = end + 1
  }
}

function endOfArgument(source: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && source[at] !== 0) at++
  return at
}

function hasBlank(source: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (source[at] === blank) return true
  return false
}
