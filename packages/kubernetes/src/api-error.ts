/** The API server refused a request. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A response exceeds the maximum size. */
export class ResponseTooLarge extends Error {
  constructor() {
    super('the response is too large')
  }
}

/** Maximum length of a message; responses can be of any length. */
const shownMax = 300

/** The error for a response with another status than success. */
export function refusal(status: number, text: string): ApiError {
  let message = text
  try {
    message = String((JSON.parse(text) as { message?: unknown }).message ?? text)
  } catch {
    // Proxies respond with other texts.
  }
  return new ApiError(status, `${status} ${JSON.stringify(message.slice(0, shownMax))}`)
}
