import { readFileSync } from 'node:fs'
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
const ofTracepoint = /^bpf_trace_run\d|^__(?:bpf_trace|traceiter)_/

/** A range of addresses, relative to the end of the address space. */
interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The functions of the kernel by address. Addresses are relative to the end of the address space,
 * where the kernel is, so that they are exact as numbers.
 */
export class KernelSymbolTable {
  readonly #addresses: Float64Array
  readonly #names: readonly string[]
  /** Code of the kernel and its modules; empty if it is unknown. */
  readonly #code: readonly Range[]

  /**
   * @param text of /proc/kallsyms; addresses are 0 if the kernel hides them from the reader
   * @param modules text of /proc/modules
   */
  constructor(text: string, modules = '') {
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
    const [start, end] = ['_stext', '_etext'].map((name) => addresses[names.indexOf(name)])
    const kernel = start === undefined || end === undefined ? [] : [{ start, end }]
    this.#code = kernel.length === 0 ? [] : [...kernel, ...rangesOf(modules)]
  }

  static read(path?: string): KernelSymbolTable {
    return new KernelSymbolTable(readKallsyms(path), readModules())
  }

  /**
   * The stack of a program from the function on that has the hook: without the list of programs and
   * the trampoline that call it, which may be newer than this table, and the functions of a
   * tracepoint.
   */
  fromHook(stack: readonly bigint[]): readonly bigint[] {
    const start = stack.findIndex((address) => {
      return this.#isCode(address) && !ofTracepoint.test(this.find(address)?.symbol ?? '')
    })
    return start <= 0 ? stack : stack.slice(start)
  }

  /** Whether the kernel or a module has this address, and not a program that was loaded into it. */
  #isCode(address: bigint): boolean {
    const at = Number(BigInt.asIntN(64, address))
    return this.#code.length === 0 || this.#code.some(({ start, end }) => at >= start && at < end)
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

/** Kernels without loadable modules have no such file. */
function readModules(): string {
  try {
    return readFileSync('/proc/modules', 'latin1')
  } catch {
    return ''
  }
}

/** Lines are `NAME SIZE USES USERS STATE 0xADDRESS`. */
function rangesOf(modules: string): Range[] {
  return [...modules.matchAll(/^\S+ (\d+) .* 0x([0-9a-f]{16})/gm)].map(([, size, address]) => {
    const start = Number(BigInt.asIntN(64, BigInt(`0x${address}`)))
    return { start, end: start + Number(size) }
  })
}
