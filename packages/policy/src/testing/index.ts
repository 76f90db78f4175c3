// Parts of upper layers for tests of lower ones.

export { compileFilter, filterSubject, prepareFilters } from '../filters/filters.ts'
export { readPolicies } from '../parse/policy-document.ts'
