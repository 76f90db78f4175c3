// Parts of upper layers for tests of lower ones.

export { readPolicies } from '../parse/read-policies.ts'
