// The operator for tests and documents.

export { certgenDeclarations } from './certgen/certgen-options.ts'
export { errorCodes } from './error-codes.ts'
export { declarations } from './option-table.ts'
export { admissionHandlers } from './webhook/handlers.ts'
