// Changes of the texts of policies that keep everything else, including comments.

export { type PolicyMode, policyModes, withMode } from './policy-mode.ts'
export { writtenKey } from './written-key.ts'
