import { status } from '@grpc/grpc-js'
import {
  FieldPathError,
  FilterError,
  LabelSelectorError,
  ProtobufError,
  RegExpError,
} from '@tetragon-ts/api'
import { AgentError } from '../error.ts'
import { RequestError, type RequestErrorCode } from './request-error.ts'

const codes: Readonly<Record<RequestErrorCode, status>> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  exists: status.ALREADY_EXISTS,
  refused: status.FAILED_PRECONDITION,
  unsupported: status.UNIMPLEMENTED,
}

/** The text travels in a header, for which clients and servers reserve a few kilobytes. */
const longestDetails = 5000

/** What a client is told. */
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
  const isLong = message.length > longestDetails
  const details = isLong ? `${message.slice(0, longestDetails)}\n…` : message
  return { code: codeOf(error), details }
}
