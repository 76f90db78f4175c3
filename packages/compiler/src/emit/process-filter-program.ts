import { type Program, program } from '@tetragon-ts/ebpf/lang'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import { processTable } from '@tetragon-ts/sensors/kernel/maps'
import { filterVotes } from '@tetragon-ts/sensors/records/process'
import { Scratch } from '../hook/scratch.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { hitAt } from './hook-code.ts'
import { EntryCode } from './hook-program.ts'

/**
 * The program of a process filter: votes about the exec of the current task, in its entry of the
 * process table. The program that posts the exec runs after all filters, and counts the votes. A
 * process that is not in the table is posted.
 */
export function processFilterProgram(planned: PlannedHook, placement: Placement): Program {
  const counts = planned.scope.counts.take(planned.hook)
  return program(planned.programName, placement.hook, (k, ...args) => {
    const hit = hitAt(k, planned, placement, args)
    // Without memory it does not vote.
    const scratch = new Scratch(k, 'tg_scratch')
    const context = planned.context(k, scratch)
    const code = new FilterCode(scratch, planned, hit, context, counts, 0)
    return context.atInSteps(planned.hook.path, () => code.emitVote())
  })
}

class FilterCode extends EntryCode {
  *emitVote(): Steps<void> {
    const { post, uncertain } = yield* this.choose()
    const { k, task } = this.hit
    const vote = k.select(post.eq(0), filterVotes.hold, filterVotes.post)
    // It may belong to another policy's pods: it is posted.
    const certain = uncertain ? k.select(uncertain.ne(0), filterVotes.post, vote) : vote
    const entry = k.lookup(processTable, task.tgid)
    k.when(entry, () => k.assign(entry, { votes: entry.votes.or(certain) }))
  }
}
