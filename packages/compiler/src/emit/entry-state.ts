import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ProgramCounts } from '../plan/counts.ts'
import type { ValueName } from '../plan/hook-record.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import type { Candidates } from './candidates.ts'
import type { Enforcement } from './enforcement.ts'
import type { ReadArguments } from './read-arguments.ts'
import { either, unknownBit } from './unknown.ts'

/** State shared by the parts of a program at a hook's entry. */
export interface EntryState {
  readonly planned: PlannedHook
  readonly hit: Hit
  readonly context: HookContext
  readonly reads: ReadArguments
  readonly counts: ProgramCounts
  /** Selectors that may still match. */
  readonly candidates: Candidates
  readonly unknowns: Unknowns
  /** Undefined if the hook has no enforcing action. */
  readonly enforcement: Enforcement | undefined
  /** Frames of the kernel's stack that are those of the program and its caller. */
  readonly ownFrames: number
}

/**
 * Unreadable arguments: a bit for each, computed on first use, right after the argument was read.
 */
export class Unknowns {
  readonly #k: Code
  readonly #reads: ReadArguments
  readonly #bits = new Map<ValueName, Int | undefined>()

  constructor(k: Code, reads: ReadArguments) {
    this.#k = k
    this.#reads = reads
  }

  /** 1 if the argument could not be read, else 0; undefined if it always can. */
  of(name: ValueName): Int | undefined {
    if (!this.#bits.has(name)) this.#bits.set(name, unknownBit(this.#k, this.#reads.value(name)))
    return this.#bits.get(name)
  }

  /** The same for several arguments together. */
  anyOf(names: Iterable<ValueName>): Int | undefined {
    return either([...names].map((name) => this.of(name)))
  }
}
