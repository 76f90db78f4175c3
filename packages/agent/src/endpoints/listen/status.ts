import { status } from '@grpc/grpc-js'
import { ProtobufError } from '@tetragon-ts/api'
import { FieldPathError, FilterError, LabelSelectorError } from '@tetragon-ts/policy/filters'
import { RegExpError } from '@tetragon-ts/policy/regexp'
import { AgentError } from '../../error.ts'
import type { RequestErrorCode } from '../../error-codes.ts'
import { RequestError } from '../../request-error.ts'

const codes: Readonly<Record<RequestErrorCode, status>> = {
  denied: status.PERMISSION_DENIED,
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  exists: status.ALREADY_EXISTS,
  refused: status.FAILED_PRECONDITION,
  exhausted: status.RESOURCE_EXHAUSTED,
  unsupported: status.UNIMPLEMENTED,
}

/** The message is a percent-encoded header; clients accept at least eight kilobytes of headers. */
const longestHeader = 7000

/** The error for a client. */
export interface StatusError {
  readonly code: status
  readonly details: string
}

/** Errors in requests besides those of the agent. */
const requestErrors = [
  FieldPathError,
  FilterError,
  LabelSelectorError,
  ProtobufError,
  RegExpError,
] as const

function codeOf(error: unknown): status {
  if (error instanceof RequestError) return codes[error.code]
  if (requestErrors.some((type) => error instanceof type)) return status.INVALID_ARGUMENT
  return error instanceof AgentError ? status.FAILED_PRECONDITION : status.INTERNAL
}

/** Converts an error to a status code and a message with all reasons. */
export function statusOf(error: unknown): StatusError {
  const message = error instanceof Error ? error.message : String(error)
  return { code: codeOf(error), details: fitting(message) }
}

/** Truncates a text to the size of a header. */
function fitting(message: string): string {
  // Half a surrogate pair cannot be encoded: grpc-js would throw an uncatchable error.
  const text = message.toWellFormed()
  let encoded = 0
  let length = 0
  for (const character of text) {
    encoded += encodeURI(character).length
    if (encoded > longestHeader) return `${text.slice(0, length)}\n…`
    length += character.length
  }
  return text
}
