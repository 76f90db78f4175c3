import { FileSymbols, type OpenedProgram } from './file-symbols.ts'
import { PerfMaps } from './perf-maps.ts'
import type { CodeLocation, CodeName, CodeNames, SymbolQuestion } from './symbol-question.ts'
import { vdsoSymbols } from './vdso-symbols.ts'

type Program = OpenedProgram | 'other' | undefined

/** Finds functions in code of processes: in files, in the vDSO, and compiled at run time. */
export class CodeSymbols {
  readonly #files: FileSymbols
  readonly #perfMaps: PerfMaps
  readonly #vdso = vdsoSymbols()

  constructor(procfs: string) {
    this.#files = new FileSymbols(procfs)
    this.#perfMaps = new PerfMaps(procfs)
  }

  find(question: SymbolQuestion): CodeNames {
    /** Files by the start of their mapping: each is opened once per question. */
    const programs = new Map<number, Program>()
    return question.locations.map((location) => {
      if (location.inode === '0') return this.#outsideOfFiles(question, location)
      const { start } = location
      if (!programs.has(start)) programs.set(start, this.#files.open(question, location))
      const program = programs.get(start)
      if (program === undefined) return { symbol: undefined, isShared: false }
      if (program === 'other') return this.#compiled(question, location)
      return { symbol: program.find(location.offset), isShared: program.isShared }
    })
  }

  #outsideOfFiles(question: SymbolQuestion, location: CodeLocation): CodeName {
    if (location.path !== '[vdso]') return this.#compiled(question, location)
    const symbol = this.#vdso(location)
    // Undefined also for 32-bit programs: their vDSO is another one.
    return { symbol, isShared: symbol !== undefined }
  }

  /** Code in memory, or in a file that is not an ELF file, such as one of `memfd_create`. */
  #compiled(question: SymbolQuestion, { address }: CodeLocation): CodeName {
    return { symbol: this.#perfMaps.find(question, address), isShared: false }
  }
}
