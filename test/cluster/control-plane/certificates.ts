import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/archives'
import { nodeAddress, nodeName, serviceAddress } from '../node/names.ts'

/** A certificate: its subject, its authority, the names of a server. */
interface Certificate {
  readonly subject: string
  readonly authority: 'ca' | 'front-proxy-ca'
  readonly names?: string
}

const serverNames = [
  ...[nodeAddress, serviceAddress, '127.0.0.1'].map((address) => `IP:${address}`),
  ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(
    (name) => `DNS:${name}`,
  ),
].join(',')

/** Users of the API by the file names of their certificates. */
export const users = {
  admin: '/O=system:masters/CN=admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  kubelet: `/O=system:nodes/CN=system:node:${nodeName}`,
} as const

const certificates: Readonly<Record<string, Certificate>> = {
  apiserver: { subject: '/CN=kube-apiserver', authority: 'ca', names: serverNames },
  'apiserver-kubelet': { subject: '/O=system:masters/CN=apiserver-kubelet', authority: 'ca' },
  'kubelet-server': {
    ...{ subject: `/CN=${nodeName}`, authority: 'ca' },
    names: `IP:${nodeAddress},DNS:${nodeName}`,
  },
  'front-proxy-client': { subject: '/CN=front-proxy-client', authority: 'front-proxy-ca' },
  ...Object.fromEntries(
    Object.entries(users).map(([name, subject]) => [name, { subject, authority: 'ca' } as const]),
  ),
}

/** For `openssl req`, whose default configuration makes every certificate an authority. */
const configuration = '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n'
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/**
 * Makes the keys and certificates of one cluster, valid for a day: `NAME.crt` and `NAME.key`, and
 * the key pair of service accounts, `sa.pub` and `sa.key`.
 */
export async function makeCertificates(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const config = join(folder, 'openssl.cnf')
  await writeFile(config, configuration)
  const file = (name: string) => join(folder, name)
  const request = (name: string, subject: string, extensions: readonly string[], more: string[]) =>
    runOrThrow('openssl', [
      ...['req', '-x509', '-config', config, '-days', '1', ...key, '-subj', subject],
      ...extensions.flatMap((extension) => ['-addext', extension]),
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), ...more],
    ])
  const authority = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign']
  for (const name of ['ca', 'front-proxy-ca']) await request(name, `/CN=${name}`, authority, [])
  const all = Object.entries(certificates).map(([name, { subject, authority: by, names }]) => {
    const extensions = ['extendedKeyUsage=serverAuth,clientAuth']
    if (names !== undefined) extensions.push(`subjectAltName=${names}`)
    return request(name, subject, extensions, [
      ...['-CA', file(`${by}.crt`), '-CAkey', file(`${by}.key`)],
    ])
  })
  await Promise.all(all)
  await runOrThrow('openssl', ['genrsa', '-out', file('sa.key'), '2048'])
  await runOrThrow('openssl', ['rsa', '-in', file('sa.key'), '-pubout', '-out', file('sa.pub')])
}
