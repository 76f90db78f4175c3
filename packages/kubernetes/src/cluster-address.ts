import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { KubernetesError } from './error.ts'

/** Options of a TLS connection to an API server. */
export interface ClusterTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
  readonly rejectUnauthorized?: boolean
}

/** Address and credentials of an API server. Files are read again each time: they are rotated. */
export interface ClusterAddress {
  readonly url: URL
  /** @throws Error of the file system */
  tls(): ClusterTls
  /** Value of the header `authorization`. @throws Error of the file system */
  authorization(): string | undefined
  /** Namespace of the own pod, or of the context of a kubeconfig file. */
  readonly namespace?: string | undefined
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server of the current context of a kubeconfig file; without a file, that of the service
 * account of the own pod.
 * @throws KubernetesError KUBERNETES_ADDRESS
 */
export function clusterAddress(kubeconfig: string, env: NodeJS.ProcessEnv): ClusterAddress {
  try {
    const address = kubeconfig === '' ? ofPod(env) : ofKubeconfig(kubeconfig)
    // Fails now if a file is missing.
    address.tls()
    return address
  } catch (error) {
    const source = kubeconfig === '' ? 'service account' : kubeconfig
    const message = `find the API server (${source}): ${(error as Error).message}`
    throw new KubernetesError('KUBERNETES_ADDRESS', message, { cause: error })
  }
}

function ofPod(env: NodeJS.ProcessEnv): ClusterAddress {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (!host) {
    throw new Error(
      'KUBERNETES_SERVICE_HOST is not set; outside of pods a kubeconfig file is needed',
    )
  }
  const token = join(account, 'token')
  return {
    url: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    tls: () => ({ ca: readFileSync(join(account, 'ca.crt'), 'utf8') }),
    authorization: () => bearer(readFileSync(token, 'utf8')),
    namespace: ownNamespace(),
  }
}

/** Not every way to mount a token includes the namespace. */
function ownNamespace(): string | undefined {
  try {
    return readFileSync(join(account, 'namespace'), 'utf8').trim()
  } catch {
    return undefined
  }
}

function bearer(token: string): string {
  return `Bearer ${token.trim()}`
}

function ofKubeconfig(path: string): ClusterAddress {
  const config = new Section(parseDocument(readFileSync(path, 'utf8')).toJS(), 'kubeconfig')
  const context = config.named('contexts', config.text('current-context'), 'context')
  const cluster = config.named('clusters', context.text('cluster'), 'cluster')
  const user = config.named('users', context.text('user'), 'user')
  for (const name of ['exec', 'auth-provider']) {
    if (user.has(name)) throw new Error(`users of kind ${name} are not supported`)
  }
  const url = new URL(cluster.text('server'))
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error(`server ${url}`)
  const folder = resolve(path, '..')
  const tokenFile = user.optional('tokenFile')
  const [token, name] = [user.optional('token'), user.optional('username')]
  const basic = Buffer.from(`${name}:${user.optional('password') ?? ''}`).toString('base64')
  return {
    url,
    namespace: context.optional('namespace'),
    tls: () => ({
      ca: cluster.content('certificate-authority', folder),
      cert: user.content('client-certificate', folder),
      key: user.content('client-key', folder),
      servername: cluster.optional('tls-server-name'),
      rejectUnauthorized: !cluster.isTrue('insecure-skip-tls-verify'),
    }),
    authorization: () => {
      if (tokenFile !== undefined) return bearer(readFileSync(resolve(folder, tokenFile), 'utf8'))
      if (token !== undefined) return bearer(token)
      return name === undefined ? undefined : `Basic ${basic}`
    },
  }
}

/** A mapping of a kubeconfig file. Errors contain the missing field. */
class Section {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #name: string

  constructor(value: unknown, name: string) {
    if (typeof value !== 'object' || value === null) throw new Error(`${name} is not a mapping`)
    this.#values = value as Record<string, unknown>
    this.#name = name
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key)
  }

  optional(key: string): string | undefined {
    const value = this.has(key) ? this.#values[key] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  text(key: string): string {
    const value = this.optional(key)
    if (value === undefined) throw new Error(`${this.#name} has no ${key}`)
    return value
  }

  isTrue(key: string): boolean {
    return this.has(key) && this.#values[key] === true
  }

  /** The member `inner` of the entry with this name. */
  named(list: string, name: string, inner: string): Section {
    const entries = this.has(list) ? this.#values[list] : undefined
    const all = Array.isArray(entries) ? entries.map((each) => new Section(each, list)) : []
    const found = all.find((entry) => entry.optional('name') === name)
    if (found === undefined) throw new Error(`${list} has no entry ${name}`)
    return new Section(found.#values[inner], `${inner} ${name}`)
  }

  /** From base64 in `KEY-data`, or from the file `KEY`. */
  content(key: string, folder: string): string | undefined {
    const data = this.optional(`${key}-data`)
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
    const file = this.optional(key)
    return file === undefined ? undefined : readFileSync(resolve(folder, file), 'utf8')
  }
}
