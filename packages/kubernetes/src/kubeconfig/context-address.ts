import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { bearer, type ClusterAddress } from '../api-address.ts'
import type { KubeContext } from './kubeconfig.ts'

/** Members that would be ignored, although they decide which server is asked, and as whom. */
const unsupported = {
  cluster: ['proxy-url'],
  user: ['auth-provider', 'as', 'as-uid', 'as-groups', 'as-user-extra'],
} as const

/** Address and static credentials of a context. @throws Error with the field */
export function contextAddress({ context, cluster, user }: KubeContext): ClusterAddress {
  cluster.refuse(...unsupported.cluster)
  user.refuse(...unsupported.user)
  const url = new URL(cluster.text('server'))
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error(`server ${url}`)
  const tokenFile = user.optional('tokenFile')
  const [token, name] = [user.optional('token'), user.optional('username')]
  const basic = Buffer.from(`${name}:${user.optional('password') ?? ''}`).toString('base64')
  return {
    url,
    namespace: context.optional('namespace'),
    tls: () => ({
      ca: cluster.content('certificate-authority'),
      cert: user.content('client-certificate'),
      key: user.content('client-key'),
      servername: cluster.optional('tls-server-name'),
      rejectUnauthorized: !cluster.isTrue('insecure-skip-tls-verify'),
    }),
    authorization: () => {
      if (tokenFile !== undefined) {
        return bearer(readFileSync(resolve(user.folder, tokenFile), 'utf8'))
      }
      if (token !== undefined) return bearer(token)
      return name === undefined ? undefined : `Basic ${basic}`
    },
  }
}
