import { readFileSync } from 'node:fs'

export { podInfoKind, podInfoSchema } from './pod-info.ts'
export { type PolicyKind, policyKinds } from './policy-kinds.ts'
export {
  type Field,
  type Fields,
  type ObjectSchema,
  type Schema,
  schemaOf,
} from './schema.ts'
export { policySchema } from './tracing-policy.ts'

/** The text of a policy that has one of everything. */
export function everythingPolicy(): string {
  return readFileSync(new URL('../../examples/everything.yaml', import.meta.url), 'utf8')
}
