import { addressDigits, eachFunction, readKallsyms } from '@tetragon-ts/ebpf/kallsyms'

/** A location in the kernel, for display. */
export interface KernelFrame {
  readonly symbol: string
  /** Offset from the symbol. */
  readonly offset: number
  /** Empty for the kernel itself. */
  readonly module: string
}

const high = 0x1_0000_0000

/** Functions by which a tracepoint calls its programs: include/trace/bpf_probe.h, tracepoint.h. */
const ofTracepoint = /^__(?:bpf_trace|traceiter)_/

/**
 * The functions of the kernel by address. Addresses are relative to the end of the address space,
 * where the kernel is, so that they are exact as numbers.
 */
export class KernelSymbolTable {
  readonly #addresses: Float64Array
  readonly #names: readonly string[]

  /** @param text of /proc/kallsyms; addresses are 0 if the kernel hides them from the reader */
  constructor(text: string) {
    const addresses: number[] = []
    const names: string[] = []
    eachFunction(text, (line, name, _, end) => {
      const upper = Number.parseInt(text.slice(line, line + 8), 16)
      if (upper === 0) return
      const lower = Number.parseInt(text.slice(line + 8, line + addressDigits), 16)
      addresses.push((upper - high) * high + lower)
      names.push(text.slice(name, end))
    })
    // Almost sorted: modules come last, at any address.
    const order = addresses.map((_, i) => i).sort((a, b) => addresses[a] - addresses[b])
    this.#addresses = Float64Array.from(order, (i) => addresses[i])
    this.#names = order.map((i) => names[i])
  }

  static read(path?: string): KernelSymbolTable {
    return new KernelSymbolTable(readKallsyms(path))
  }

  /** The stack of a program at a tracepoint from the function on that has the tracepoint. */
  fromHook(stack: readonly bigint[]): readonly bigint[] {
    const start = stack.findIndex((address) => !ofTracepoint.test(this.find(address)?.symbol ?? ''))
    return start <= 0 ? stack : stack.slice(start)
  }

  /** The function at an address; undefined below the first one. */
  find(address: bigint): KernelFrame | undefined {
    const wanted = Number(BigInt.asIntN(64, address))
    let [low, end] = [0, this.#addresses.length]
    while (low < end) {
      const middle = (low + end) >> 1
      if (this.#addresses[middle] <= wanted) low = middle + 1
      else end = middle
    }
    if (low === 0) return undefined
    const [symbol, module = ''] = this.#names[low - 1].split('\t')
    const offset = wanted - this.#addresses[low - 1]
    return { symbol, offset, module: module.slice(1, -1) }
  }
}
