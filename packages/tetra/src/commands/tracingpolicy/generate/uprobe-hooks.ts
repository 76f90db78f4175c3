import type { DebugFileOpener, ElfError, ElfFile } from '@tetragon-ts/ebpf/elf'

/** A hook of the section `uprobes`. */
interface UprobeHook {
  readonly path: string
  readonly symbols?: readonly string[]
  readonly offsets?: readonly number[]
}

/** Hooks for all functions of a program. */
export interface UprobeHooks {
  readonly hooks: readonly UprobeHook[]
  /** Names of functions by their offset in the file. */
  readonly names: ReadonlyMap<number, string>
  /** Sources of symbols that could not be read. */
  readonly problems: readonly ElfError[]
}

/**
 * A hook with the symbols in the program itself, and one with the offsets of functions whose
 * symbols are only in its debug file, which agents do not read. Indirect functions are omitted,
 * because their symbols are those of resolvers.
 * @param open finds and opens the debug file
 */
export function uprobeHooks(path: string, file: ElfFile, open: DebugFileOpener): UprobeHooks {
  const own = file.symbols.functions().filter(({ kind }) => kind === 'function')
  const symbols = [...new Set(own.map(({ name }) => name))]
  const named = new Set(own.map(({ address }) => address))
  const all = file.symbolsWithDebugFile(open)
  const names = new Map<number, string>()
  for (const { kind, address, name } of all.functions()) {
    const offset = file.isCode(address) ? file.offsetOf(address) : undefined
    if (kind !== 'function' || named.has(address) || offset === undefined) continue
    if (!names.has(offset)) names.set(offset, name)
  }
  const offsets = [...names.keys()]
  return {
    hooks: [
      ...(symbols.length > 0 ? [{ path, symbols }] : []),
      ...(offsets.length > 0 ? [{ path, offsets }] : []),
    ],
    names,
    problems: all.problems,
  }
}
