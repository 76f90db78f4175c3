import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { AgentError } from '../error.ts'

/** An error with a code. */
export type CodedError = Error & { readonly code: string }

/** Whether the operator can act on an error. */
export function isExpected(error: unknown): error is CodedError {
  if (error instanceof AgentError || error instanceof EbpfError) return true
  return error instanceof Error && 'syscall' in error && 'code' in error
}

/** The exit code of the program after an expected error. */
export function exitCodeOf({ code }: CodedError): number {
  return code === 'AGENT_OPTION' ? 2 : 1
}
