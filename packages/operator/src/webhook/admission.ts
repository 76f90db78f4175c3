import { type Fields, fields, list, text } from '@tetragon-ts/kubernetes'

const apiVersion = 'admission.k8s.io/v1'
const kind = 'AdmissionReview'
const badRequest = 400

/** A request of the API server to admit a write; only the fields that handlers need. */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: string
  /** Kind of the object, such as `TracingPolicy`. */
  readonly kind: string
  /** Plural, such as `tracingpolicies`. */
  readonly resource: string
  /** Such as `status`; empty for the object as a whole. */
  readonly subResource: string
  readonly namespace: string
  /** Empty if the API server makes the name. */
  readonly name: string
  readonly user: AdmissionUser
  /** The object after the write; without members if there is none. */
  readonly object: Fields
  /** The object before the write. */
  readonly oldObject: Fields
}

/** Who writes. */
export interface AdmissionUser {
  readonly name: string
  readonly groups: readonly string[]
  /** Further facts, such as `authentication.kubernetes.io/node-name`, by key. */
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** Whether a write is admitted. */
export interface Verdict {
  readonly allowed: boolean
  /** Why not; kubectl shows it. */
  readonly message?: string
  /** kubectl shows them. */
  readonly warnings?: readonly string[]
}

/** Decides about writes of one path. It must be fast: all handlers share the main thread. */
export interface AdmissionHandler {
  /**
   * A promise waits for other processes only.
   * @param ms until the API server gives up; undefined: unknown
   * @throws ReviewTooLarge
   */
  review(request: AdmissionRequest, ms?: number): Verdict | Promise<Verdict>
  /** The verdict about a request that is too large to be reviewed. */
  unreviewed(problem: string): Verdict
}

/** A body that is not an AdmissionReview. */
export class MalformedReview extends Error {}

/** A request that a handler cannot review; `unreviewed` has the verdict. */
export class ReviewTooLarge extends Error {}

/** @throws MalformedReview */
export function readReview(body: string): AdmissionRequest {
  let review: unknown
  try {
    review = JSON.parse(body)
  } catch {
    throw new MalformedReview('the body is not JSON')
  }
  const { apiVersion: version, kind: given, request } = fields(review)
  if (version !== apiVersion || given !== kind) {
    throw new MalformedReview(`expected a ${kind} of ${apiVersion}`)
  }
  const found = fields(request)
  const uid = text(found.uid)
  if (uid === '') throw new MalformedReview('request.uid is missing')
  return {
    uid,
    operation: text(found.operation),
    kind: text(fields(found.kind).kind),
    resource: text(fields(found.resource).resource),
    subResource: text(found.subResource),
    namespace: text(found.namespace),
    name: text(found.name),
    user: readUser(fields(found.userInfo)),
    object: fields(found.object),
    oldObject: fields(found.oldObject),
  }
}

function readUser({ username, groups, extra }: Fields): AdmissionUser {
  const texts = (value: unknown): string[] => list(value).map(text)
  const entries = Object.entries(fields(extra)).map(([key, value]) => [key, texts(value)] as const)
  return { name: text(username), groups: texts(groups), extra: Object.fromEntries(entries) }
}

/** The uid of a review that is not read: the API server writes it first. */
export function uidOf(head: string): string | undefined {
  return /"request":\{"uid":"([0-9A-Za-z-]{1,64})"/.exec(head)?.[1]
}

/** The body of a response. */
export function reviewResponse(uid: string, { allowed, message, warnings }: Verdict): string {
  const status = { status: 'Failure', code: badRequest, reason: 'BadRequest', message }
  const response = {
    uid,
    allowed,
    ...(allowed ? {} : { status }),
    ...(warnings === undefined || warnings.length === 0 ? {} : { warnings }),
  }
  return JSON.stringify({ apiVersion, kind, response })
}
