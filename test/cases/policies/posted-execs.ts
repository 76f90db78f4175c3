import assert from 'node:assert/strict'
import type { Event, Process } from '@tetragon-ts/api'
import { DryRun, type Policy } from '@tetragon-ts/policy'

/** Exec and exit events of programs in the folder of a case. */
export interface PostedExecs {
  readonly execs: readonly Event[]
  readonly exits: readonly Event[]
}

/** Finds them among all events: other processes of the machine execute nothing there. */
export function postedExecs(events: readonly Event[], folder: string): PostedExecs {
  const own = events.filter(({ body }) => {
    const { process } = body as { process?: Process }
    return process?.binary?.startsWith(`${folder}/`) === true
  })
  return {
    execs: own.filter(({ key }) => key === 'process_exec'),
    exits: own.filter(({ key }) => key === 'process_exit'),
  }
}

/** The number of execs that were posted, each with the exit of its process. */
export function countExecs(events: readonly Event[], folder: string): number {
  const { execs, exits } = postedExecs(events, folder)
  const idsOf = (all: readonly Event[]) =>
    all.map(({ body }) => (body as { process?: Process }).process?.exec_id).sort()
  assert.deepEqual(idsOf(exits), idsOf(execs), 'execs and exits that are posted differ')
  return execs.length
}

/**
 * How many execs a policy would have posted of those that were.
 * @returns undefined if events do not decide about one of them
 */
export function wouldPost(policy: Policy, all: readonly Event[], folder: string) {
  const dryRun = new DryRun(policy)
  const own = new Set(postedExecs(all, folder).execs)
  const outcomes = all.flatMap((event) => {
    const outcomes = dryRun.see(event)
    return own.has(event) ? outcomes : []
  })
  if (outcomes.some(({ kind }) => kind === 'undecided')) return undefined
  return outcomes.filter((outcome) => outcome.kind === 'miss' || isPosting(outcome)).length
}

function isPosting(outcome: ReturnType<DryRun['see']>[number]): boolean {
  return outcome.kind === 'hit' && outcome.actions.includes('Post')
}
