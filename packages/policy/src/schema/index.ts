export {
  type Field,
  type Fields,
  type ObjectSchema,
  type Schema,
  schemaOf,
} from '../fields/schema.ts'
export { everythingPolicy } from './everything-policy.ts'
export {
  explainField,
  type FieldExplanation,
  fieldFacts,
  fieldLimits,
  innermost,
} from './field-explanation.ts'
export { podInfoKind, podInfoSchema } from './pod-info.ts'
export { type PolicyKind, policyKinds } from './policy-kinds.ts'
export { policySchema } from './tracing-policy.ts'
