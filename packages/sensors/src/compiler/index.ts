// Compiles policies to programs, and provides what loading them needs.

export { mapsOfActions } from './actions/index.ts'
export type { Backend, HookPlan, KernelView, ProgramKind } from './backends/backend.ts'
export { HookDispatchers } from './backends/hook-dispatcher.ts'
export { type Attempt, RuledOut } from './backends/index.ts'
export { attachedMax, listSize } from './backends/program-list.ts'
export { rawTracepointBackend, tpBtfBackend } from './backends/raw-tracepoint.ts'
export { isRefusal, type Refusal } from './backends/refusal.ts'
export { Dispatchers } from './backends/syscall-dispatcher.ts'
export { buildAgain } from './build-again.ts'
export {
  type CompiledHook,
  type CompiledPolicy,
  compileInSteps,
  compilePolicy,
} from './compile-policy.ts'
export { missedReasons } from './enforcers/notifications.ts'
export { notCounting, refusalGeneration, refusalReporter, refusals } from './equal-refusals.ts'
export { guardsMap } from './guards.ts'
export { type FileSet, type InodeMap, inodeAddress, inodeProgram, versionsMax } from './inodes.ts'
export { policyTarget, runningKernel, whyNotInForce } from './kernel.ts'
export { hostNamespaces } from './matchers/host-namespaces.ts'
export { oncePerTurn } from './once-per-turn.ts'
export { modeValue } from './plan-enforcement.ts'
export { fillSet } from './process-sets/fill-set.ts'
export { type Member, type MemberKey, membersMap } from './process-sets/member.ts'
export type { ProcessSet } from './process-sets/process-set.ts'
export { type Calls, callsMap, callsMapOf, forgetCalls } from './programs/calls.ts'
export { addCounts, noCounts, type SelectorCounts } from './programs/counts.ts'
export { followedFilesMap, longFollowedFilesMap } from './programs/followed-files.ts'
export { lackingIma } from './programs/ima-hash.ts'
export { scratchPool } from './programs/scratch.ts'
export {
  mappedInode,
  mappedInodeProgram,
  type ProbeSites,
  type Redirects,
  redirectRows,
  UserFile,
  type UserProbes,
  WrongDigest,
} from './user-probes/index.ts'
export {
  type NumberWorkloads,
  type SelectedBy,
  selectionsOf,
  type WorkloadSelection,
  type WorkloadSet,
} from './workload-sets.ts'
