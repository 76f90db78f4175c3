import { status } from '@grpc/grpc-js'
import {
  FieldPathError,
  FilterError,
  LabelSelectorError,
  ProtobufError,
  RegExpError,
} from '@tetragon-ts/api'
import { AgentError } from '../../error.ts'
import type { RequestErrorCode } from '../../error-codes.ts'
import { RequestError } from '../../request-error.ts'

const codes: Readonly<Record<RequestErrorCode, status>> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  exists: status.ALREADY_EXISTS,
  refused: status.FAILED_PRECONDITION,
  exhausted: status.RESOURCE_EXHAUSTED,
  unsupported: status.UNIMPLEMENTED,
}

/**
 * The text travels in a header, percent-encoded; clients take eight kilobytes of headers or more.
 */
const longestHeader = 7000

/** The error that a client gets. */
export interface StatusError {
  readonly code: status
  readonly details: string
}

/** What a request can have wrong besides what the agent says about it. */
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

/** Makes an answer of an error: a code that fits, and the message with all that is wrong. */
export function statusOf(error: unknown): StatusError {
  const message = error instanceof Error ? error.message : String(error)
  return { code: codeOf(error), details: fitting(message) }
}

/** As much of a text as a header takes. */
function fitting(message: string): string {
  // Half a surrogate pair cannot be encoded: grpc-js would throw an error that cannot be caught.
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
