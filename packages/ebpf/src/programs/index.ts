/** Programs: loading, verifier errors, information, test runs. */
export { BtfLoadError, loadBtf } from './btf-object.ts'
export { hostPid, isInHostPidNamespace } from './host-pid.ts'
export { loadProgram, loadProgramInSteps, type ProgramOptions } from './load.ts'
export { LoadedProgram } from './loaded-program.ts'
export {
  type HeldProgram,
  heldPrograms,
  listPrograms,
  type ProgramInfo,
} from './program-info.ts'
export { enableRunStats } from './run-stats.ts'
export { type TestRunOptions, type TestRunResult, testRun } from './test-run.ts'
export { VerifierError } from './verifier-error.ts'
