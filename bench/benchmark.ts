import type { Table } from './table.ts'

/** What a benchmark found: tables, and sentences that belong below them. */
export interface Report {
  readonly tables: readonly Table[]
  readonly notes: readonly string[]
}

export interface BenchmarkContext {
  /** Kernel of the virtual machine, as named in the kernel matrix. */
  readonly kernel: string
  /** Whether to show where the reader thread spends its time. */
  readonly profile: boolean
  /** How long it is to run, where that can be chosen. */
  readonly minutes?: number
  /** Says what is going on. */
  readonly progress: (text: string) => void
}

export interface Benchmark {
  readonly name: string
  /** One line for the list of benchmarks. */
  readonly summary: string
  /**
   * Why it only happens when asked for by name; such a machine may be busy, no times are measured.
   */
  readonly onlyAsked?: string
  /** Runs in a virtual machine: takes minutes, and only happens when asked for. */
  readonly needsVm?: boolean
  run(context: BenchmarkContext): Promise<Report>
}
