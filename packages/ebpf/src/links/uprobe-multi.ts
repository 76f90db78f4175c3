import { attachType } from '../asm/index.ts'
import { bpf, bpfCommand, Fd } from '../sys/index.ts'
import { explainUprobe } from './explain-uprobe.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

const BPF_F_UPROBE_MULTI_RETURN = 1

export interface UprobeMultiOptions {
  /** File offsets of the instructions. */
  readonly offsets: readonly number[]
  /** For each offset the value that bpf_get_attach_cookie returns. */
  readonly cookies?: readonly bigint[]
  /** For each offset: file offset of a counter to keep above 0 while attached; 0 for none. */
  readonly counterOffsets?: readonly number[]
  readonly atReturn?: boolean
  /** Only in this process; in all when absent. */
  readonly pid?: number
  /** Name of the file in messages. */
  readonly shown?: string
}

/**
 * Runs a program (type kprobe, attach type traceUprobeMulti) at many instructions of one file.
 * Kernel 6.6.
 * @throws SystemCallError
 */
export function attachUprobeMulti(
  program: Attachable,
  path: string,
  options: UprobeMultiOptions,
): Link {
  const { offsets, cookies = [], counterOffsets = [], atReturn = false, pid = 0 } = options
  const kind = atReturn ? 'uretprobe.multi' : 'uprobe.multi'
  const target = `${options.shown ?? path} at ${offsets.length} locations`
  for (const [what, list] of [
    ['cookies', cookies] as const,
    ['counters', counterOffsets] as const,
  ]) {
    if (list.length === 0 || list.length === offsets.length) continue
    throw new TypeError(`attach ${kind}: ${list.length} ${what}, ${offsets.length} offsets`)
  }
  const action = `attach ${kind} ${target}`
  const attach = () =>
    bpf(
      bpfCommand.linkCreate,
      (attr) => {
        attr.u32(0, program.fd.number).u32(8, attachType.traceUprobeMulti)
        attr.string(16, path)
        attr.copy(24, words(offsets.map(BigInt)))
        if (counterOffsets.some((offset) => offset > 0)) {
          attr.copy(32, words(counterOffsets.map(BigInt)))
        }
        if (cookies.length > 0) attr.copy(40, words(cookies))
        attr
          .u32(48, offsets.length)
          .u32(52, atReturn ? BPF_F_UPROBE_MULTI_RETURN : 0)
          .u32(56, pid)
      },
      action,
    )
  return new FdLink(kind, target, new Fd(explainUprobe(action, attach)))
}

function words(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer)
}
