import { readFileSync } from 'node:fs'
import { parseTraceable, readFunctionNames } from '@tetragon-ts/ebpf/kallsyms'
import { findTracefs } from '@tetragon-ts/ebpf/links'

/** Functions by name, from /proc/kallsyms; read on first use. */
export class KernelSymbols {
  #names: Set<string> | undefined
  #traceable: Set<string> | undefined

  has(name: string): boolean {
    return this.names.has(name)
  }

  /** Functions that ftrace can trace; undefined if unknown. Read on first use. */
  get traceable(): ReadonlySet<string> | undefined {
    this.#traceable ??= readTraceable()
    return this.#traceable
  }

  get names(): ReadonlySet<string> {
    this.#names ??= readFunctionNames()
    return this.#names
  }
}

function readTraceable(): Set<string> | undefined {
  try {
    const path = `${findTracefs()}/available_filter_functions`
    return new Set(parseTraceable(readFileSync(path, 'latin1')))
  } catch {
    return undefined
  }
}
