import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Tail } from './hook-reader.ts'
import { type Frame, KernelSymbolTable } from './kernel-stack.ts'
import { mappedFrame, readMaps } from './user-stack.ts'

const fields = { kernel: 'kernel_stack_trace', user: 'user_stack_trace' } as const

/**
 * Writes the stacks of events. The kernel's symbols are read for the first policy that needs them.
 */
export class StackJson {
  readonly #procfs: string
  readonly #showsAddresses: boolean
  #symbols: KernelSymbolTable | undefined

  /** @param showsAddresses whether to include addresses, which reveal the kernel's layout */
  constructor(procfs: string, showsAddresses: boolean) {
    this.#procfs = procfs
    this.#showsAddresses = showsAddresses
  }

  /** Prepares for events with kernel stacks; modules may have been loaded since the last time. */
  prepare(): void {
    this.#symbols = KernelSymbolTable.read()
  }

  /** Writes `,"kernel_stack_trace":[…]` or that of user space; nothing without a stack. */
  write(
    out: ByteWriter,
    kind: keyof typeof fields,
    { offset, length }: Tail,
    memory: RecordMemory,
    pid: number,
  ): void {
    if (length === 0) return
    const { buffer, byteOffset } = memory.bytes
    const view = new DataView(buffer, byteOffset)
    const maps = kind === 'user' ? readMaps(this.#procfs, pid) : ''
    const frames: string[] = []
    for (let at = offset; at < offset + length; at += 8) {
      const address = view.getBigUint64(at, true)
      const frame = kind === 'user' ? mappedFrame(maps, address) : this.#symbols?.find(address)
      frames.push(frameJson(frame, this.#showsAddresses ? address : 0n))
    }
    out.latin1(`,"${fields[kind]}":[${frames.join()}]`)
  }
}

const unknownFrame: Frame = { symbol: '', offset: 0, module: '' }

/** As in protobuf JSON: 64-bit numbers are strings, empty fields are omitted. */
function frameJson(frame: Frame | undefined, address: bigint): string {
  const parts: string[] = []
  if (address !== 0n) parts.push(`"address":"${address}"`)
  const { symbol, offset, module } = frame ?? unknownFrame
  if (offset !== 0) parts.push(`"offset":"${offset}"`)
  if (symbol !== '') parts.push(`"symbol":${JSON.stringify(symbol)}`)
  if (module !== '') parts.push(`"module":${JSON.stringify(module)}`)
  return Buffer.from(`{${parts.join()}}`).toString('latin1')
}
