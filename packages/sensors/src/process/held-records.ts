import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import { countLoss } from '../kernel/loss.ts'
import { backlog, backlogSize, events, filtering } from '../kernel/maps.ts'
import { recordKind } from '../records/kinds.ts'
import { BacklogRecord, filterVotes, reported } from '../records/process.ts'

/** 1 if the votes of the process filters hold the exec of an entry, else 0. */
export function isHeldByVotes(k: Code, votes: Int): Int {
  return k.select(votes.and(filterVotes.hold | filterVotes.post).eq(filterVotes.hold), 1, 0)
}

/** The value of `reported` for a child that still runs the image of this entry. */
export function inheritedReport(k: Code, of: Int): Int {
  return k.select(of.eq(reported.held), reported.held, reported.yes)
}

/** Whether policies filter process events now. */
export function isFiltering(k: Code): Condition {
  return k.global(filtering).load(4).ne(0)
}

/** A record did not fit into the backlog. */
export function countLostHeld(k: Code): void {
  countLoss(k, 'backlog')
}

/** Wakes the reader if half of the backlog is full. */
export function reportBacklog(k: Code): void {
  k.when(k.unconsumed(backlog).gt(backlogSize / 2), () => {
    // If the ring is full, the reader is awake.
    k.submit(events, BacklogRecord, { kind: recordKind.backlog, time: k.bootTime() }, () => {})
  })
}
