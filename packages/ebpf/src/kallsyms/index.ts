export { addressDigits, eachFunction, readFunctionNames, readKallsyms } from './functions.ts'
