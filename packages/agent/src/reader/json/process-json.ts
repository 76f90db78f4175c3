import { formatProcessFlags, processFlags } from '@tetragon-ts/api'
import type { Process, ProcessJson } from '../../processes/process.ts'
import type { EventBuffer } from './event-json.ts'
import { isExecProbe } from './exec-probe.ts'
import type { WallClock } from './wall-clock.ts'

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
  const start = out.length
  out.latin1(process.json.head)
  if (out.processOffsets.isOn) out.processOffsets.add(process.json, start, out.length)
  if (showReferences && process.references > 0) {
    out.latin1(',"refcnt":')
    out.decimal(process.references)
  }
  if (tid === process.pid) {
    out.latin1(process.json.rest)
    return
  }
  out.latin1(',"tid":')
  out.decimal(tid)
  out.latin1(process.json.end)
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
  return { head, rest: `,"tid":${process.pid}${end}`, end, wire: undefined }
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
