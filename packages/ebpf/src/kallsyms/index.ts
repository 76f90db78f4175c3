// Pure: no part of the FFI is loaded.

export {
  addressDigits,
  eachFunction,
  functionNamesInSteps,
  readFunctionNames,
  readKallsyms,
} from './functions.ts'
export { parseTraceable } from './traceable.ts'
