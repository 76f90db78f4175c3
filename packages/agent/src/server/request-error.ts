/** Why a request cannot be fulfilled. */
export type RequestErrorCode =
  /** The request itself is wrong: a policy, a filter, a name. */
  | 'invalid'
  | 'not_found'
  | 'exists'
  /** It was right, but the kernel or the agent's state do not allow it. */
  | 'refused'
  /** It was right, but others have used up what there is; later it may succeed. */
  | 'exhausted'
  /** This agent does not offer it. */
  | 'unsupported'

/** An answer to a request that says what is wrong; the message is for the user. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: RequestErrorCode

  constructor(code: RequestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
