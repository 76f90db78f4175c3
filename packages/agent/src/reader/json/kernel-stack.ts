import { addressDigits, eachFunction, readKallsyms } from '@tetragon-ts/ebpf/kallsyms'

/** A place in a program or in the kernel, for people. */
export interface Frame {
  readonly symbol: string
  /** Bytes behind the symbol's beginning, or in the file where there is no symbol. */
  readonly offset: number
  /** Kernel module, or the file that was mapped; empty for the kernel itself. */
  readonly module: string
}

const high = 0x1_0000_0000

/**
 * The functions of the kernel by address. Addresses count from the end of the address space, where
 * the kernel is: so they are exact as numbers.
 */
export class KernelSymbolTable {
  readonly #addresses: Float64Array
  readonly #names: readonly string[]

  /** @param text as /proc/kallsyms has it; addresses are 0 for whom the kernel hides them from */
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
    // Nearly in order as they are: modules come last, wherever they lie.
    const order = addresses.map((_, i) => i).sort((a, b) => addresses[a] - addresses[b])
    this.#addresses = Float64Array.from(order, (i) => addresses[i])
    this.#names = order.map((i) => names[i])
  }

  static read(path?: string): KernelSymbolTable {
    return new KernelSymbolTable(readKallsyms(path))
  }

  /** The function that an address lies in; undefined if it is before all that are known. */
  find(address: bigint): Frame | undefined {
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
