/** Numbers of requests to the webhook by result. */
export interface ReviewCounts {
  allowed: number
  refused: number
  /** Too large to be reviewed. */
  unreviewed: number
  /** Answered with an error of HTTP; the API server applies its `failurePolicy`. */
  failed: number
}
