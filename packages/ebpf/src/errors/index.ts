/** The errors of this library, and all of their codes. */
export { EbpfError } from './ebpf-error.ts'
export {
  type AsmErrorCode,
  type BtfErrorCode,
  type EbpfErrorCode,
  errorCodes,
} from './error-codes.ts'
