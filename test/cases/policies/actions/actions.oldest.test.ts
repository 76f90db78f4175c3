import { testPolicies } from '../run-case.ts'
import { idleCases } from './follow-fd.ts'
import { actionCases } from './index.ts'

testPolicies('actions', [...actionCases, ...idleCases], { sampled: true })
