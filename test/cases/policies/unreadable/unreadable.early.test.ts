import { testPolicies } from '../run-case.ts'
import { unreadableCases } from './cases.ts'

testPolicies('arguments that cannot be read', unreadableCases)
