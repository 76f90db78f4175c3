import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { PidMatch, Selector } from '@tetragon-ts/policy'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { isOneOf } from '../operators/integer.ts'
import { descendants } from '../process-sets/descendants.ts'
import { namespacePid } from '../process-sets/pid-namespace.ts'
import type { Matcher } from './matcher.ts'

/** matchPIDs: the process; with followForks also descendants of these. */
export const pidsMatcher: Matcher = {
  conditions: ({ pids }, hit, context) =>
    pids.map((match) => ({ path: match.path, make: () => condition(match, hit, context) })),
  sets: ({ pids }: Selector) => pids.filter(({ followForks }) => followForks).map(membership),
}

function membership({ values, isNamespacePid }: PidMatch) {
  return descendants(values, isNamespacePid)
}

function condition(match: PidMatch, hit: Hit, context: HookContext): Condition {
  const { negated, isNamespacePid } = match
  const found = (): Condition => {
    const listed = isListed(match, hit, context)
    return negated ? listed.not() : listed
  }
  // A process of the host's pid namespace matches neither the values nor their absence.
  return isNamespacePid ? hit.task.group_leader.thread_pid.level.ne(0).and(found) : found()
}

function isListed(match: PidMatch, hit: Hit, context: HookContext): Condition {
  const { k, task } = hit
  const { values, isNamespacePid, followForks } = match
  if (followForks) return context.processSets.get(membership(match)).contains(k, task.tgid)
  const pid = isNamespacePid ? namespacePid(k, task) : task.tgid
  return isOneOf(pid, values.map(BigInt), context)
}
