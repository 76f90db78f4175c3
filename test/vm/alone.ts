/**
 * Kernel tests of this machine that run while no other of them does: their floods would make the
 * agents of others lose records, or what they count or change belongs to the whole machine, to all
 * processes of a workload, or to all builds: bundles are replaced, and packages are made of them.
 */
export const aloneFiles: readonly string[] = [
  'bench/flood.ci.test.ts',
  'bench/ring/trial.ci.test.ts',
  'packages/agent/src/daemon/stalled-outputs.ci.test.ts',
  'packages/agent/src/policies/kernel/many-policies.ci.test.ts',
  'packages/agent/src/policies/kernel/many-policies.vm.test.ts',
  'test/cases/start-storm.versions.test.ts',
  'packages/agent/src/reader/outputs/export-file.host.test.ts',
  'test/cases/cgroup-rate.portable.test.ts',
  'test/cases/exec-flood.portable.test.ts',
  'test/cases/enforcement/control-groups.portable.test.ts',
  'test/cases/enforcement/library.vm.test.ts',
  'test/cases/kernels/promises.early.test.ts',
  'test/cases/losses.host.test.ts',
  'test/cases/policies/matchers/matchers.early.test.ts',
  'test/cases/policies/scale/leaks.portable.test.ts',
  'test/cases/policies/unreadable/counting.host.test.ts',
  'test/console/flood.host.test.ts',
  'test/package/executable.ci.test.ts',
  'test/package/package.ci.test.ts',
]

/**
 * Folders whose `x.host.test.ts` share processes: all of a process share a browser, whose start
 * takes as long as a test.
 */
export const sharedFolders: readonly string[] = ['test/console/']

/** Unit tests that need a process of their own: profiles of a process, modules not loaded yet. */
export const ownProcess: readonly string[] = [
  'packages/agent/src/endpoints/pprof/profile-server.test.ts',
  'packages/policy/src/cel/events/expression.test.ts',
]
