import { isWatched, variableSize } from '@tetragon-ts/sensors/records/watched-variables'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { noText, type Text } from './process-json.ts'

/** Members of a `process_exec` event that no other event of the process has. */
export interface ExecDetails {
  /** How the file changed privileges, as JSON with a leading comma. */
  readonly properties: string
  /** The environment that is shown. */
  readonly env: Text
  /** Each argument followed by a zero byte, the name first; empty: not shown. */
  readonly argv: Text
  /** Whether the kernel has not sent all of the arguments. */
  readonly isArgvCut: boolean
  /** Starts of variables that may be watched. */
  readonly variables: Text
  /** Whether the kernel has not looked at all of the environment. */
  readonly areVariablesCut: boolean
  readonly isInUpperLayer: boolean
  /** Pid of the leader of the session; 0: unknown. */
  readonly session: number
  /** Empty: it has ended, or is unknown. */
  readonly leader: string
  readonly tty: Text
}

/** Of a process that was found running. */
export const noDetails: ExecDetails = {
  properties: '',
  env: noText,
  argv: noText,
  isArgvCut: false,
  variables: noText,
  areVariablesCut: false,
  isInUpperLayer: false,
  session: 0,
  leader: '',
  tty: noText,
}

/** Longer arguments are in `arguments` only: an event does not become twice as long by them. */
const argvMax = 16_383

/** Writes `argv` and `argv_truncated`, each with a leading comma; only whole arguments. */
export function writeArgv(out: ByteWriter, { argv, isArgvCut }: ExecDetails): void {
  const { bytes, from, to } = argv
  if (from === to) return
  const limit = Math.min(to, from + argvMax)
  const before = out.length
  out.latin1(',"argv":[')
  const first = out.length
  let start = from
  while (start < limit) {
    let end = start
    while (end < limit && bytes[end] !== 0) end++
    if (end === limit && limit < to) break
    if (out.length > first) out.byte(0x2c)
    out.byte(0x22)
    out.jsonText(bytes, start, end)
    out.byte(0x22)
    start = end + 1
  }
  if (out.length === first) out.length = before
  else out.byte(0x5d)
  if (isArgvCut || start < to) out.latin1(',"argv_truncated":true')
}

/** Writes `environment_names` and `environment_names_truncated`. */
export function writeEnvironmentNames(
  out: ByteWriter,
  { variables, areVariablesCut }: ExecDetails,
): void {
  const { bytes, from, to } = variables
  if (from < to) {
    const names = new Set<string>()
    for (let at = from; at < to; at += variableSize) names.add(nameAt(bytes, at))
    const shown = [...names].filter(isWatched)
    // After a watched prefix there may be any bytes: they are escaped as JSON.
    if (shown.length > 0) out.latin1(`,"environment_names":[${shown.map(quoted).join()}]`)
  }
  if (areVariablesCut) out.latin1(',"environment_names_truncated":true')
}

/** Writes `upper_layer`, `session_id`, `session_leader_exec_id` and `tty`. */
export function writeCircumstances(out: ByteWriter, details: ExecDetails): void {
  const { isInUpperLayer, session, leader, tty } = details
  if (isInUpperLayer) out.latin1(',"upper_layer":true')
  if (session !== 0) {
    out.latin1(',"session_id":')
    out.decimal(session)
  }
  if (leader !== '') out.latin1(`,"session_leader_exec_id":"${leader}"`)
  if (tty.from === tty.to) return
  out.latin1(',"tty":"')
  out.jsonText(tty.bytes, tty.from, tty.to)
  out.byte(0x22)
}

function quoted(name: string): string {
  return Buffer.from(JSON.stringify(name)).toString('latin1')
}

const equals = 0x3d

/** The name of the variable that begins here; an entry without `=` has none. */
function nameAt(bytes: Uint8Array, start: number): string {
  let end = start
  const limit = start + variableSize
  while (end < limit && bytes[end] !== 0 && bytes[end] !== equals) end++
  if (bytes[end] === 0 && end < limit) return ''
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}
