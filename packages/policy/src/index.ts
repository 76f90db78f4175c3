export type * from './cel.ts'
export { type DiagnosticCode, diagnosticCodes } from './diagnostics/codes.ts'
export type { Diagnostic, DiagnosticDetails, Position } from './diagnostics/diagnostic.ts'
export { formatDiagnostic, formatDiagnostics } from './diagnostics/format.ts'
export * from './model/index.ts'
export * from './operators/argument-facts.ts'
export {
  type ArgumentOperator,
  allowsOperator,
  operatorsByKind,
} from './operators/argument-operators.ts'
export { readArgumentTest, type ValueOperator } from './operators/argument-test.ts'
export { BadValue } from './operators/bad-value.ts'
export type { PolicyDocument } from './parse/policy-document.ts'
export { type PolicyFile, readPolicies } from './parse/read-policies.ts'
export type { ActionName } from './schema/action.ts'
export { type Abilities, enforces, findUnsupported, isEnforcement } from './unsupported.ts'
