// What the compiler needs of a running kernel, and what fills its maps: everything here calls the
// kernel, and nothing in the other folders does.

export { hostNamespaces } from '@tetragon-ts/sensors/process/host-namespaces'
export { describeKernel } from './describe-kernel.ts'
export { fillSet } from './fill-set.ts'
export { oncePerTurn } from './once-per-turn.ts'
export { OpenUserFile } from './open-user-file.ts'
export {
  policyTarget,
  type RunningKernelOptions,
  runningKernel,
  whyNotInForce,
} from './running-kernel.ts'
