export type { ArgumentValue, IntegerFacet, SocketFacet } from '../../arguments/argument-type.ts'
export type { Operand } from '../operator.ts'
export { answersToTest } from './answers-to-test.ts'
