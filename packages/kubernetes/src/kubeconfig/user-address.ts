import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { ClusterAddress, ClusterTls } from '../api-address.ts'
import { bearer } from '../api-address.ts'
import { KubernetesError } from '../error.ts'
import { podAddress } from '../pod-address.ts'
import { contextAddress } from './context-address.ts'
import { CredentialPlugin, type ExecCredential } from './exec-credential.ts'
import { type KubeContext, Kubeconfig } from './kubeconfig.ts'

/** How a user chooses a cluster, as for kubectl. */
export interface ClusterChoice {
  /** Empty: the files of the variable KUBECONFIG, or ~/.kube/config, or the own service account. */
  readonly kubeconfig: string
  /** Empty: the current context. */
  readonly context: string
}

/**
 * The API server of a user's kubeconfig files, with credential plugins: a plugin is a command that
 * the file names. Without a file, that of the service account of the own pod.
 * @throws KubernetesError KUBERNETES_ADDRESS, also for an expired certificate of the user
 */
export function userAddress(choice: ClusterChoice, env: NodeJS.ProcessEnv): ClusterAddress {
  const paths = pathsOf(choice, env)
  const isInPod = paths.length === 0 && choice.context === '' && !!env.KUBERNETES_SERVICE_HOST
  const source = isInPod ? 'service account' : paths.join(delimiter) || defaultPath(env)
  try {
    if (isInPod) return checked(podAddress(env))
    if (paths.length === 0) throw new Error('there is no kubeconfig file; see --kubeconfig')
    const context = new Kubeconfig(paths).context(choice.context)
    const address = contextAddress(context)
    return checked(context.user.has('exec') ? withPlugin(address, context) : address)
  } catch (error) {
    const message = `find the API server (${source}): ${(error as Error).message}`
    throw new KubernetesError('KUBERNETES_ADDRESS', message, { cause: error })
  }
}

function defaultPath({ HOME }: NodeJS.ProcessEnv): string {
  return join(HOME || homedir(), '.kube', 'config')
}

/** As in kubectl, a file that the command line names must exist; others may be missing. */
function pathsOf({ kubeconfig }: ClusterChoice, env: NodeJS.ProcessEnv): string[] {
  if (kubeconfig !== '') return [kubeconfig]
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '')
  return (listed.length > 0 ? listed : [defaultPath(env)]).filter((path) => existsSync(path))
}

/** The credentials of the plugin, until they expire or the API server refuses them. */
function withPlugin(address: ClusterAddress, context: KubeContext): ClusterAddress {
  const plugin = new CredentialPlugin(context)
  let current: ExecCredential | undefined
  let running: Promise<ExecCredential> | undefined
  return {
    ...address,
    renew: async () => {
      if (current !== undefined && Date.now() < current.expiresAt) return
      // Connections to many agents start at the same time.
      running ??= plugin.run().finally(() => {
        running = undefined
      })
      current = await running
    },
    refused: () => {
      current = undefined
    },
    tls: () => {
      const { cert, key } = current ?? {}
      return { ...address.tls(), ...(cert !== undefined && { cert, key }) }
    },
    authorization: () => (current?.token ? bearer(current.token) : address.authorization()),
  }
}

/** Errors of credentials are clearer before the first request. */
function checked(address: ClusterAddress): ClusterAddress {
  const tls = address.tls()
  checkTls(tls)
  address.authorization()
  const end = tls.cert === undefined ? undefined : new X509Certificate(tls.cert).validTo
  if (end !== undefined && Date.parse(end) < Date.now()) {
    throw new Error(`the certificate of the user expired on ${end}`)
  }
  return address
}

function checkTls({ ca, cert, key }: ClusterTls): void {
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('the user needs both client-certificate and client-key')
  }
  parse('certificate-authority', () => ca && new X509Certificate(ca))
  parse('client-certificate and client-key', () => createSecureContext({ cert, key }))
}

/** Errors of OpenSSL do not say what it has read. */
function parse(name: string, read: () => unknown): void {
  try {
    read()
  } catch (error) {
    throw new Error(`read ${name}: ${(error as Error).message}`)
  }
}
