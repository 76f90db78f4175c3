import type { StackKind } from '@tetragon-ts/compiler/hooks'
import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { DirectCallers } from '../symbols/direct-callers.ts'
import type { ProcessImage } from '../symbols/process-mappings.ts'
import { type UserFrame, UserFrames } from '../symbols/user-frames.ts'
import type { Tail } from './hook-reader.ts'
import { type KernelFrame, KernelSymbolTable } from './kernel-stack.ts'

/**
 * Writes the stacks of events. The kernel's symbols are read for the first policy that needs them.
 */
export class StackJson {
  readonly #showsAddresses: boolean
  readonly #user: UserFrames
  readonly #callers = new DirectCallers()
  #kernel: KernelSymbolTable | undefined

  /** @param showsAddresses whether to include addresses, which reveal the kernel's layout */
  constructor(procfs: string, showsAddresses: boolean) {
    this.#showsAddresses = showsAddresses
    this.#user = new UserFrames(procfs)
  }

  /** Frames without symbol because it was not found in time. */
  get unnamed(): number {
    return this.#user.unnamed
  }

  /** Prepares for events with stacks; kernel modules may have been loaded since the last time. */
  prepare(kinds: readonly StackKind[]): void {
    if (kinds.includes('kernel')) this.#kernel = KernelSymbolTable.read()
    if (kinds.includes('user')) this.#user.prepare()
  }

  /** Writes `,"kernel_stack_trace":[…]` or that of user space; nothing without a stack. */
  write(
    out: ByteWriter,
    kind: StackKind,
    { offset, length }: Tail,
    memory: RecordMemory,
    image: ProcessImage,
  ): void {
    if (length === 0) return
    const { buffer, byteOffset } = memory.bytes
    const view = new DataView(buffer, byteOffset + offset, length)
    const recorded = Array.from({ length: length / 8 }, (_, i) => view.getBigUint64(i * 8, true))
    const addresses =
      kind === 'user'
        ? this.#callers.complete(image, recorded)
        : (this.#kernel?.fromHook(recorded) ?? recorded)
    const frames =
      kind === 'user'
        ? this.#user.find(image, addresses.map(Number)).map(userFrameJson)
        : addresses.map((address) => kernelFrameJson(this.#kernel?.find(address)))
    const entries = frames.map((members, i) => {
      const shown = this.#showsAddresses ? [`"address":"${addresses[i]}"`] : []
      return `{${[...shown, ...members].join()}}`
    })
    out.latin1(Buffer.from(`,"${kind}_stack_trace":[${entries.join()}]`).toString('latin1'))
  }
}

// As in protobuf JSON: 64-bit numbers are strings, empty fields are omitted.

function kernelFrameJson(frame: KernelFrame | undefined): string[] {
  if (frame === undefined) return []
  const { offset, symbol, module } = frame
  return [...number('offset', offset), ...text('symbol', symbol), ...text('module', module)]
}

function userFrameJson(frame: UserFrame | undefined): string[] {
  if (frame === undefined) return []
  const { offset, symbol, module, symbolOffset } = frame
  return [
    ...[...number('offset', offset), ...text('symbol', symbol), ...text('module', module)],
    ...number('symbol_offset', symbolOffset),
  ]
}

function number(name: string, value: number): string[] {
  return value === 0 ? [] : [`"${name}":"${value}"`]
}

function text(name: string, value: string): string[] {
  return value === '' ? [] : [`"${name}":${JSON.stringify(value)}`]
}
