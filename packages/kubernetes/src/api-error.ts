/** The API server refused a request. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Whether the API server refused a request because an admission webhook did not answer: it has no
 * ready pod, or the API server does not trust its certificate yet.
 * (staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors)
 */
export function isWebhookFailure(error: unknown): boolean {
  const isInternal = error instanceof ApiError && error.status === 500
  return isInternal && error.message.includes('failed calling webhook')
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
