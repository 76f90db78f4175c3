import type { Question } from '../question-thread/question-thread.ts'

/** An instruction of a process. */
export interface CodeLocation {
  readonly address: number
  /** Its mapping; an inode of 0: no file. */
  readonly start: number
  readonly end: number
  readonly device: string
  readonly inode: string
  readonly path: string
  /** Offset of the instruction in the file. */
  readonly offset: number
}

/** Instructions of one process whose functions are unknown. */
export interface SymbolQuestion extends Question {
  readonly pid: number
  /** Start of the process, in nanoseconds since boot: its pid may have been reused. */
  readonly start: number
  readonly locations: readonly CodeLocation[]
}

/** The function of an instruction. */
export interface FoundSymbol {
  readonly name: string
  /** Bytes from its start. */
  readonly offset: number
  /** Where the name is from, if that is not the mapped file. */
  readonly module?: string
}

/** What was found for an instruction. */
export interface CodeName {
  /** Undefined if the function has no name, or if the process or the file is gone. */
  readonly symbol: FoundSymbol | undefined
  /** Whether all processes that map the file (same device and inode) have the same symbol. */
  readonly isShared: boolean
}

/** The answer, in the order of the locations in the question. */
export type CodeNames = readonly CodeName[]
