// State of policies on nodes, as agents report it and the operator reads it.

export { detectionRuleKind, ruleTextMax } from '../schema/detection-rule.ts'
export { kernelObjectKind, kernelPieceBytes, kernelPiecesMax } from '../schema/kernel-object.ts'
export {
  type NodePolicyError,
  type NodePolicyState,
  type NodeStatus,
  nodePolicyStates,
  nodeStatusKind,
  nodeStatusMax,
  refLength,
} from '../schema/node-status.ts'
export { errorNodesMax, statusErrorsMax } from '../schema/policy-status.ts'
export { errorLines, type PolicyErrorLine } from './error-lines.ts'
export {
  kernelAnnotation,
  kernelPieceName,
  kernelPieces,
  kernelText,
  type NodeKernel,
  readKernelText,
} from './node-kernel.ts'
export { hasRef, policyRef, splitRefs } from './policy-ref.ts'
