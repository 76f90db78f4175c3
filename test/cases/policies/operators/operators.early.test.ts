import { testPolicies } from '../run-case.ts'
import { operatorCases } from './index.ts'

testPolicies('operators', operatorCases, { sampled: true })
