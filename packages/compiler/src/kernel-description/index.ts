// Descriptions of kernels, as files: policies are compiled for them without running them.

export { errorCodes } from '../error-codes.ts'
export type { UserFile } from '../user-probes/index.ts'
export {
  checkInSteps,
  checkPolicy,
  describeWay,
  type HookCheck,
  type PolicyCheck,
  type Verdict,
  type WayCheck,
} from './check-policy.ts'
export {
  type CheckNote,
  type CheckRow,
  checkNotes,
  checkRows,
  type KernelCheck,
} from './check-rows.ts'
export { fileMax } from './container.ts'
export {
  type Besides,
  type DescribedKernel,
  describedKernel,
} from './described-kernel.ts'
export { decodeKernel, encodeKernel, type KernelDescription } from './description.ts'
export { KernelFileError } from './error.ts'
export type { KernelFacts, ProbeAnswer } from './facts.ts'
export type { ActionCheck, KernelGuarantee } from './guarantee.ts'
