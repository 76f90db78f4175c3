import type { Table } from './table.ts'

/** Result of a benchmark: tables, and remarks below them. */
export interface Report {
  readonly tables: readonly Table[]
  readonly notes: readonly string[]
}

export interface BenchmarkContext {
  /** Kernel of the virtual machine, as named in the kernel matrix. */
  readonly kernel: string
  /** Whether to profile the reader thread. */
  readonly profile: boolean
  /** Folder of another build to compare with, where the benchmark can. */
  readonly against?: string
  /** Duration, if it is configurable. */
  readonly minutes?: number
  /** Reports progress. */
  readonly progress: (text: string) => void
}

export interface Benchmark {
  readonly name: string
  /** One line for the list of benchmarks. */
  readonly summary: string
  /**
   * Why it only runs when it is requested by name; such benchmarks measure no times, so the machine
   * may be busy.
   */
  readonly onlyAsked?: string
  /** Whether it can compare with another build. */
  readonly compares?: boolean
  /** Runs in a virtual machine: takes minutes, and only runs when it is requested. */
  readonly needsVm?: boolean
  run(context: BenchmarkContext): Promise<Report>
}
