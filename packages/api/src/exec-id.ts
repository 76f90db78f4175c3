import { base64, encodeUtf8, fromBase64, utf8 } from '#platform'

/** Content of an exec id: the process image that `pid` started to run at `ktime` on `node`. */
export interface ExecId {
  readonly node: string
  /** Nanoseconds since boot (CLOCK_BOOTTIME). */
  readonly ktime: bigint
  /** Process id in the host's namespace. */
  readonly pid: number
}

/** Formats an exec id: base64 of `<node>:<ktime>:<pid>`. */
export function formatExecId(id: ExecId): string {
  return base64(encodeUtf8(`${id.node}:${id.ktime}:${id.pid}`))
}

/** Parses an exec id; undefined if it is invalid. Node names may contain colons. */
export function parseExecId(text: string): ExecId | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const bytes = fromBase64(text)
  const match = /^(.*):(\d{1,20}):(\d{1,10})$/s.exec(utf8(bytes, 0, bytes.length))
  if (match === null) return undefined
  const ktime = BigInt(match[2])
  const pid = Number(match[3])
  if (ktime > 0xffff_ffff_ffff_ffffn || pid > 0xffff_ffff) return undefined
  return { node: match[1], ktime, pid }
}
