import { createHash } from 'node:crypto'
import { type ApiClient, fields, list, text } from '@tetragon-ts/kubernetes'
import { KeptAnswers } from './kept-answers.ts'

/**
 * Rights to the console are verbs on this path, a non-resource URL of RBAC: `get` to see it, and
 * `update` to change policies.
 */
export const consolePath = '/tetragon/console'

/** Milliseconds that the answer about a token holds: rights that are taken away hold as long. */
const holdsMs = 30_000
/** Maximum number of users, and of refused tokens, whose answers are kept. */
const keptMax = 1000
/** Maximum number of unknown tokens that are asked about at a time: anybody can send any token. */
const askedMax = 32
/** Maximum milliseconds for an answer. */
const answerMs = 10_000

const tokenReviews = '/apis/authentication.k8s.io/v1/tokenreviews'
const accessReviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

/** The user of a token, with the rights to the console. */
export interface ReviewedUser {
  readonly name: string
  readonly mayGet: boolean
  readonly mayUpdate: boolean
}

type Answer = ReviewedUser | undefined

/**
 * Asks the API server about tokens. Anybody can send tokens that it refuses: these have a cache and
 * a limit of their own, so that they do not hinder users with the right to the console.
 */
export class TokenReviews {
  readonly #client: Pick<ApiClient, 'create'>
  readonly #now: () => number
  /** By digest of the token: tokens are not kept. */
  readonly #accepted = new KeptAnswers<Answer>(keptMax, holdsMs)
  readonly #refused = new KeptAnswers<Answer>(keptMax, holdsMs)
  readonly #pending = new Map<string, Promise<Answer>>()
  #asked = 0

  /** @param now milliseconds of a clock that only goes forward */
  constructor(client: Pick<ApiClient, 'create'>, now = (): number => performance.now()) {
    this.#client = client
    this.#now = now
  }

  /**
   * @returns undefined: it is not a valid token of the cluster
   * @throws ApiError, Error of the connection
   */
  async review(token: string): Promise<Answer> {
    const digest = createHash('sha256').update(token).digest('base64')
    const now = this.#now()
    const kept = this.#accepted.get(digest, now) ?? this.#refused.get(digest, now)
    if (kept !== undefined) return kept.answer
    const pending = this.#pending.get(digest)
    if (pending !== undefined) return pending
    const user = this.#askOnce(token, digest).finally(() => this.#pending.delete(digest))
    this.#pending.set(digest, user)
    return user
  }

  async #askOnce(token: string, digest: string): Promise<Answer> {
    const isUnknown = !this.#accepted.has(digest)
    if (isUnknown && this.#asked >= askedMax) throw new Error('too many tokens at a time')
    const askedAt = this.#now()
    if (isUnknown) this.#asked++
    try {
      const user = await this.#ask(token)
      const isAccepted = user?.mayGet === true
      if (!isAccepted) this.#accepted.delete(digest)
      const answers = isAccepted ? this.#accepted : this.#refused
      answers.set(digest, user, askedAt)
      return user
    } finally {
      if (isUnknown) this.#asked--
    }
  }

  async #ask(token: string): Promise<Answer> {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
    const { status } = await this.#create(tokenReviews, review)
    const { authenticated, user } = fields(status)
    const { username, uid, groups, extra } = fields(user)
    const name = text(username)
    if (authenticated !== true || name === '') return undefined
    const subject = {
      user: name,
      uid: text(uid),
      groups: list(groups).map(text),
      extra: Object.fromEntries(
        Object.entries(fields(extra)).map(([key, values]) => [key, list(values).map(text)]),
      ),
    }
    const [mayGet, mayUpdate] = await Promise.all([
      this.#may(subject, 'get'),
      this.#may(subject, 'update'),
    ])
    return { name, mayGet, mayUpdate }
  }

  async #may(subject: object, verb: string): Promise<boolean> {
    const spec = { ...subject, nonResourceAttributes: { path: consolePath, verb } }
    const kind = 'SubjectAccessReview'
    const review = { apiVersion: 'authorization.k8s.io/v1', kind, spec }
    const { status } = await this.#create(accessReviews, review)
    const { allowed, denied } = fields(status)
    return allowed === true && denied !== true
  }

  async #create(path: string, review: object): Promise<{ readonly status?: unknown }> {
    return fields(await this.#client.create(path, review, AbortSignal.timeout(answerMs)))
  }
}
