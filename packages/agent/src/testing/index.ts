export { type FakeContainer, FakeContainers } from '../workloads/testing/fake-container.ts'
export { groupsMount } from '../workloads/testing/groups-mount.ts'
export { FuseFile } from './fuse-file.ts'
export {
  attemptsOf,
  guestKernel,
  isFull,
  isFullRun,
  isMain,
  isOther,
  isPart,
  loadsAll,
  partHere,
  repeats,
} from './guest.ts'
export { heldBy, objectsInKernel, waitUntilGone } from './kernel-objects.ts'
export { LineFile } from './line-file.ts'
export { type ObservedEvent, observe, only } from './observed-event.ts'
export type { HookEvent } from './observed-hook.ts'
export { PodRun } from './pod-run.ts'
export { PolicyRun, type StartedProcess } from './policy-run.ts'
export { ProcessRun } from './process-run.ts'
export { readIfThere } from './read-if-there.ts'
export { readablePids } from './readable-pids.ts'
export {
  agentProgram,
  type Ending,
  makeTestFolder,
  RunningAgent,
  withThisNode,
} from './run-agent.ts'
export { testNode } from './shared-agent.ts'
export { TestPipe } from './test-pipe.ts'
export { until } from './until.ts'
