/** Seconds of a file on an emulated processor, if it is not in {@link slowFiles}. */
export const usualSeconds = 10

/**
 * Files that take an emulated processor longest, roughly with seconds on a kernel of the matrix:
 * machines that share the files of a kernel should end at about the same time.
 */
export const slowFiles: Readonly<Record<string, number>> = {
  'packages/agent/src/policies/kernel/counts.vm.test.ts': 40,
  'packages/agent/src/policies/kernel/many-policies.vm.test.ts': 80,
  'packages/agent/src/policies/kernel/pod-enforcement.oldest.test.ts': 60,
  'packages/agent/src/policies/kernel/pod-policies.early.test.ts': 110,
  'packages/agent/src/reader/handlers/hostile-input.early.test.ts': 60,
  'packages/ebpf/src/ringbuf/reader.versions.test.ts': 50,
  'packages/agent/src/policies/kernel/dispatchers/hook-dispatchers.kernel.test.ts': 30,
  'test/cases/enforcement/enforcers.kernel.test.ts': 30,
  'test/cases/enforcement/equal-refusals.oldest.test.ts': 50,
  'test/cases/enforcement/fanotify.early.test.ts': 70,
  'test/cases/enforcement/guards.oldest.test.ts': 30,
  'test/cases/enforcement/identity.oldest.test.ts': 80,
  'test/cases/enforcement/kept-programs.kernel.test.ts': 200,
  'test/cases/enforcement/kill-everything.vm.test.ts': 100,
  'test/cases/enforcement/library-containers.oldest.test.ts': 50,
  'test/cases/enforcement/library-exec.oldest.test.ts': 30,
  'test/cases/enforcement/library-mounts.oldest.test.ts': 30,
  'test/cases/enforcement/library.oldest.test.ts': 120,
  'test/cases/enforcement/operations.kernel.test.ts': 110,
  'test/cases/enforcement/override.kernel.test.ts': 140,
  'test/cases/enforcement/overlay-containers.vm.test.ts': 70,
  'test/cases/kernels/promises.early.test.ts': 100,
  'test/cases/exec-variants.early.test.ts': 30,
  'test/cases/loader.early.test.ts': 50,
  'test/cases/policies/actions/actions.kernel.test.ts': 30,
  'test/cases/policies/arguments/arguments.kernel.test.ts': 50,
  'test/cases/policies/hooks/hooks.kernel.test.ts': 50,
  'test/cases/policies/lsm-sweep.kernel.test.ts': 70,
  'test/cases/policies/matchers/matchers.kernel.test.ts': 30,
  'test/cases/policies/policytests.vm.test.ts': 80,
  'test/cases/policies/unreadable/unreadable.kernel.test.ts': 60,
  'test/cases/user-probes/actions.versions.test.ts': 40,
  'test/cases/user-probes/end-of-agent.versions.test.ts': 50,
  'test/cases/user-probes/selectors.versions.test.ts': 50,
  'test/cases/user-probes/uprobes.versions.test.ts': 40,
}
