// Compiles policies to programs. Nothing here calls the kernel: see running-kernel.

export { guardsMap } from './actions/guards.ts'
export { lackingIma } from './actions/ima-hash.ts'
export { mapsOfActions, meansNames } from './actions/index.ts'
export { followedFilesMap, longFollowedFilesMap } from './arguments/followed-files.ts'
export { inodeAddress, inodeProgram } from './arguments/inode-of-descriptor.ts'
export { rawTracepointBackend, tpBtfBackend } from './backends/raw-tracepoint.ts'
export {
  type CompiledHook,
  type CompiledPolicy,
  compileInSteps,
  compilePolicy,
  numbersOfOne,
} from './compile/compile-policy.ts'
export { notCounting, refusalGeneration, refusalReporter, refusals } from './emit/equal-refusals.ts'
export { type FileSet, type InodeMap, versionsMax } from './hook/file-sets.ts'
export { type CommandMembership, isOfCommands } from './hook/membership.ts'
export { missedReasons } from './hook/notifications.ts'
export { isRefusal, type Refusal } from './hook/refusal.ts'
export { scratchPool } from './hook/scratch.ts'
export type { Backend } from './hook-plans/backend.ts'
export type { HookPlan } from './hook-plans/hook-plan.ts'
export type { KernelView, ProgramKind } from './hook-plans/kernel-view.ts'
export { type Calls, callsMap, callsMapOf, forgetCalls } from './plan/calls.ts'
export { type Attempt, RuledOut } from './plan/choose-backends.ts'
export { addCounts, noCounts, type SelectorCounts } from './plan/counts.ts'
export { modeValue } from './plan/plan-enforcement.ts'
export {
  type Member,
  type MemberKey,
  memberBits,
  membersMap,
  runningCommands,
} from './process-sets/member.ts'
export type { ProcessSet } from './process-sets/process-set.ts'
export {
  mappedInode,
  mappedInodeProgram,
  type ProbeSites,
  type Redirects,
  redirectRows,
  type UserFile,
  type UserProbes,
  WrongDigest,
} from './user-probes/index.ts'
export {
  type NumberWorkloads,
  type SelectedBy,
  selectionsOf,
  type WorkloadSelection,
  type WorkloadSet,
} from './workloads/workload-sets.ts'
