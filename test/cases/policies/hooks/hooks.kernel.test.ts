import { testPolicies } from '../run-case.ts'
import { hookCases } from './index.ts'

testPolicies('hooks', hookCases, { sampled: true })
