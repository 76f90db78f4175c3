import { type ApiClient, ApiError, fields, text } from '@tetragon-ts/kubernetes'
import { OperatorError } from '../error.ts'

const [forbidden, notFound] = [403, 404]

/** A Secret in the API server. */
export interface Secret {
  /** The whole object, with the version that a write replaces. */
  readonly object: Readonly<Record<string, unknown>>
  /** Values by key, decoded. */
  readonly data: Readonly<Record<string, string>>
}

function pathOf(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
}

/** @throws OperatorError OPERATOR_CERTIFICATE, Error of the connection */
export async function readSecret(
  client: ApiClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Secret> {
  const object = fields(
    await client.get(pathOf(namespace, name), signal).catch((error: unknown) => {
      throw explained(`read Secret ${namespace}/${name}`, error)
    }),
  )
  const entries = Object.entries(fields(object.data)).map(
    ([key, value]) => [key, Buffer.from(text(value), 'base64').toString('utf8')] as const,
  )
  return { object, data: Object.fromEntries(entries) }
}

/**
 * Replaces the content of a Secret.
 * @throws ApiError 409: it has changed; OperatorError OPERATOR_CERTIFICATE; Error of the connection
 */
export async function writeSecret(
  client: ApiClient,
  { object }: Secret,
  data: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace } = fields(object.metadata)
  const entries = Object.entries(data).map(
    ([key, value]) => [key, Buffer.from(value).toString('base64')] as const,
  )
  const changed = { ...object, data: Object.fromEntries(entries) }
  await client.update(pathOf(text(namespace), text(name)), changed, signal).catch((error) => {
    throw explained(`write Secret ${namespace}/${name}`, error)
  })
}

/** The account may create no Secrets: with that right it could get the token of any account. */
function explained(action: string, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  const reason = {
    [notFound]: 'create it empty, or install it with the chart',
    [forbidden]: 'the account needs the verbs get and update on it',
  }[error.status]
  if (reason === undefined) return error
  const message = `${action}: ${error.message}; ${reason}`
  return new OperatorError('OPERATOR_CERTIFICATE', message, { cause: error })
}
