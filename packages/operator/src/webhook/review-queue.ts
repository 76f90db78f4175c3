import { setImmediate as nextTurn } from 'node:timers/promises'
import { SerialQueue } from '@tetragon-ts/service/queue'
import {
  type AdmissionHandler,
  MalformedReview,
  ReviewTooLarge,
  readReview,
  reviewResponse,
  uidOf,
  type Verdict,
} from './admission.ts'
import { countValues } from './count-values.ts'
import type { ReviewBody } from './read-body.ts'

/** Maximum number of values of a review: an object twice, with its managed fields. */
const valuesMax = 64_000
const headLength = 1024

/** The answer to a request. */
export interface Reviewed {
  readonly result: 'allowed' | 'refused' | 'unreviewed'
  /** The body of the response. */
  readonly text: string
}

/**
 * Reviews one request per turn of the event loop, so that others and the renewal of the Lease never
 * wait for more than one.
 */
export class ReviewQueue {
  readonly #reviews = new SerialQueue()

  /**
   * @param ms until the client gives up; undefined: unknown
   * @throws MalformedReview
   */
  async review(handler: AdmissionHandler, body: ReviewBody, ms?: number): Promise<Reviewed> {
    const begun = await this.#reviews.run(async () => {
      await nextTurn()
      return begin(handler, body, ms)
    })
    return begun()
  }
}

/**
 * @returns waits for other processes, while the next request is reviewed
 * @throws MalformedReview
 */
function begin(
  handler: AdmissionHandler,
  { bytes, isWhole }: ReviewBody,
  ms: number | undefined,
): () => Reviewed | Promise<Reviewed> {
  try {
    if (!isWhole) throw new ReviewTooLarge('the request has more than a megabyte')
    if (countValues(bytes) > valuesMax) {
      throw new ReviewTooLarge(`the request has more than ${valuesMax} values`)
    }
    const request = readReview(bytes.toString('utf8'))
    const verdict = handler.review(request, ms)
    return async () => reviewed(request.uid, await verdict)
  } catch (error) {
    if (!(error instanceof ReviewTooLarge)) throw error
    const { message } = error
    const uid = uidOf(bytes.toString('utf8', 0, headLength))
    if (uid === undefined) throw new MalformedReview(message)
    const text = reviewResponse(uid, handler.unreviewed(message))
    return () => ({ result: 'unreviewed', text })
  }
}

function reviewed(uid: string, verdict: Verdict): Reviewed {
  const result = verdict.allowed ? 'allowed' : 'refused'
  return { result, text: reviewResponse(uid, verdict) }
}
