import type { AnnotatedHook, GetPolicyProgramsResponse } from '@tetragon-ts/api'

/** The annotated programs of a hook that were read so far. */
export interface ProgramPages {
  readonly hooks: readonly AnnotatedHook[]
  /** Where the next page begins; 0: there is no more. */
  readonly next: number
  /** Of the programs: another one if the policy was loaded again. */
  readonly generation: number
}

/** Reads the programs of a hook from a position on. @throws Error with the reason for the user */
export type ReadPrograms = (position: number) => Promise<GetPolicyProgramsResponse>

/**
 * Reads one more page. If the policy was loaded again since, its programs are others: the first
 * page is read again.
 * @param before undefined: none
 */
export async function readPage(
  read: ReadPrograms,
  before: ProgramPages | undefined,
): Promise<ProgramPages> {
  const response = await read(before?.next ?? 0)
  const { generation = 0, hooks = [], next_position: next = 0 } = response
  if (before === undefined) return { hooks, next, generation }
  if (generation !== before.generation) return readPage(read, undefined)
  return { hooks: [...before.hooks, ...hooks], next, generation }
}

/** Whether an agent gave this reason because it has no such call, as those of the original. */
export function isLacking(failure: string): boolean {
  return failure.includes('tetragonts.Inspect')
}
