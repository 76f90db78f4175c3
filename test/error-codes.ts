/** All error codes of the tests, with their meaning. */
export const errorCodes = {
  ArgumentError: { ARGUMENT: 'The command line of the test runner is wrong.' },
  KernelMissingError: { KERNEL_MISSING: 'The archive does not have the kernel any more.' },
  TableError: { CASE_TABLE: 'Results with a missing or failed case cannot be written as a table.' },
  VmError: { VM_FAILED: 'A virtual machine ended without an exit code of its command.' },
  WorkloadError: { WORKLOAD: 'A workload cannot be compiled.' },
} as const satisfies Record<string, Record<string, string>>

/** The codes of one class of errors. */
export type ErrorCodeOf<Class extends keyof typeof errorCodes> = keyof (typeof errorCodes)[Class]
