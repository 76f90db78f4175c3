import { testPolicies } from '../run-case.ts'
import { matcherCases } from './index.ts'

testPolicies('matchers', matcherCases, { sampled: true })
