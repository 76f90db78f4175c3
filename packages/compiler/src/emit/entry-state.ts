import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ProgramCounts } from '../plan/counts.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { Candidates } from './candidates.ts'
import { Enforcement, enforcementRegisters } from './enforcement.ts'
import { HookCode } from './hook-code.ts'

/** State shared by the parts of a program at a hook's entry. */
export class EntryState extends HookCode {
  readonly counts: ProgramCounts
  /** Frames of the kernel's stack that are those of the program and its caller. */
  readonly ownFrames: number
  /** Selectors that may still match. */
  readonly candidates: Candidates
  /** Undefined if the hook has no enforcing action. */
  readonly enforcement: Enforcement | undefined

  constructor(
    planned: PlannedHook,
    hit: Hit,
    context: HookContext,
    counts: ProgramCounts,
    ownFrames: number,
  ) {
    super(planned, hit, context)
    this.counts = counts
    this.ownFrames = ownFrames
    this.candidates = new Candidates(this.k, planned.hook.selectors.length)
    this.enforcement = planned.extras.enforcement
      ? new Enforcement(planned, hit, context, counts, enforcementRegisters(this.k))
      : undefined
  }
}
