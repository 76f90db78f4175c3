// The operator for tests and documents.

export { errorCodes } from './error-codes.ts'
export { declarations } from './option-table.ts'
