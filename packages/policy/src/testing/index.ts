// What tests of lower layers need of upper ones.

export { readPolicies } from '../parse/read-policies.ts'
