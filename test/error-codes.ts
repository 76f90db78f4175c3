/** All error codes of the tests, with their meaning. */
export const errorCodes = {
  ArgumentError: { ARGUMENT: 'The command line of the test runner is wrong.' },
  KernelMissingError: { KERNEL_MISSING: 'The archive does not carry a kernel any more.' },
  TableError: { CASE_TABLE: 'Results that lack a case, or in which one failed, make no table.' },
  VmError: { VM_FAILED: 'A virtual machine ended without an exit code of its command.' },
  WorkloadError: { WORKLOAD: 'A workload cannot be compiled.' },
} as const satisfies Record<string, Record<string, string>>

/** The codes of one class of errors. */
export type ErrorCodeOf<Class extends keyof typeof errorCodes> = keyof (typeof errorCodes)[Class]
