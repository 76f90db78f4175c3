import { testPolicies } from '../run-case.ts'
import { argumentCases } from './index.ts'

testPolicies('arguments', argumentCases, { sampled: true })
