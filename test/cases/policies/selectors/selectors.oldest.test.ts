import { testPolicies } from '../run-case.ts'
import { selectorCases } from './index.ts'

testPolicies('selectors', selectorCases, { sampled: true })
