import { testPolicies } from '../run-case.ts'
import { actionCases } from './index.ts'

testPolicies('actions', actionCases)
