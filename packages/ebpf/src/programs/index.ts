/** Programs: loading, verifier errors, information, test runs. */
export { BtfLoadError, loadBtf } from './btf-object.ts'
export { hostPid, isInHostPidNamespace } from './host-pid.ts'
export { loadProgram, type ProgramBtf, type ProgramOptions } from './load.ts'
export { LoadedProgram } from './loaded-program.ts'
export { type OwnProcess, ownProcess, tickNs } from './own-process.ts'
export {
  type HeldProgram,
  heldPrograms,
  listPrograms,
  type ProgramInfo,
} from './program-info.ts'
export {
  type AttachType,
  attachType,
  type ProgramType,
  programFlag,
  programType,
  programTypeName,
} from './program-type.ts'
export { enableRunStats } from './run-stats.ts'
export { type TestRunOptions, type TestRunResult, testRun } from './test-run.ts'
export { VerifierError } from './verifier-error.ts'
