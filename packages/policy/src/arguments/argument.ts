import type { ArgumentTypeName } from '../operators/argument-facts.ts'
import type { Located } from './located.ts'

export type { ArgumentTypeName } from '../operators/argument-facts.ts'

/** An argument to read (an entry of `args` or `data`), or the return value. */
export interface Argument extends Located {
  /** Position among the function's parameters, or field number of a tracepoint. */
  readonly index: number
  readonly type: ArgumentTypeName
  /** Members and array indexes to follow from the argument, e.g. ['mm', 'owner', 3]. */
  readonly resolve: readonly (string | number)[]
  readonly btfType?: string
  readonly btfTypeModule?: string
  /** Position of the parameter with the size, from 0 (documents count from 1); undefined: none. */
  readonly sizeIndex?: number
  /** Number of elements of an array. */
  readonly elements?: number
  /** Read when the function returns. */
  readonly returnCopy: boolean
  readonly maxData: boolean
  readonly label: string
  readonly source?: 'current_task' | 'pt_regs'
  /** Of a member that an expression names, which no list of the policy has. */
  readonly named?: NamedMember
}

/** Where an expression names a member. */
export interface NamedMember {
  /** The expression in the policy. */
  readonly path: string
  /** Positions of the argument's name and of each member in the expression, from 0. */
  readonly offsets: readonly number[]
}
