import { readFileSync } from 'node:fs'
import { functionNamesInSteps, parseTraceable, readFunctionNames } from '@tetragon-ts/ebpf/kallsyms'
import { findTracefs } from '@tetragon-ts/ebpf/links'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import { oncePerTurn } from './once-per-turn.ts'

/** What was read while the kernel had these modules. */
interface Read {
  readonly modules: string
  names?: ReadonlySet<string>
  traceable?: { readonly names: ReadonlySet<string> | undefined }
}

/** `NAME SIZE USES USERS STATE ADDRESS`. */
const moduleLine = /^(\S+) (\d+) \S+ \S+ \S+ (\S+)/

let last: Read = { modules: '' }
const loadedModules = oncePerTurn(readModules)

/**
 * Functions by name, from /proc/kallsyms. Reading them takes a tenth of a second, so they are kept
 * until a module is loaded or removed.
 */
export class KernelSymbols {
  has(name: string): boolean {
    return this.names.has(name)
  }

  /** Functions that ftrace can trace; undefined if unknown. Read on first use. */
  get traceable(): ReadonlySet<string> | undefined {
    const read = current()
    read.traceable ??= { names: readTraceable() }
    return read.traceable.names
  }

  /** Read on first use. */
  get names(): ReadonlySet<string> {
    const read = current()
    read.names ??= readFunctionNames()
    return read.names
  }
}

/** Reads the names before something in the same turn asks for them. */
export function* readNames(): Steps<void> {
  if (current().names) return
  const names = yield* functionNamesInSteps()
  // Modules that were loaded in the meantime may be missing.
  current().names ??= names
}

function current(): Read {
  const modules = loadedModules()
  if (last.modules !== modules) last = { modules }
  return last
}

/** The modules by name, size and address; empty without support for modules. */
function readModules(): string {
  try {
    const lines = readFileSync('/proc/modules', 'latin1').split('\n')
    return lines.map((line) => moduleLine.exec(line)?.slice(1).join(' ')).join()
  } catch {
    return ''
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
