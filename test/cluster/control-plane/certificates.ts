import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { firstNode, type NodeIdentity, serviceAddress } from '../node/names.ts'

/** A certificate: its subject, its authority, the names of a server. */
interface Certificate {
  readonly subject: string
  readonly authority: 'ca' | 'front-proxy-ca'
  readonly names?: string
}

const serverNames = [
  ...[firstNode.address, serviceAddress, '127.0.0.1'].map((address) => `IP:${address}`),
  ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(
    (name) => `DNS:${name}`,
  ),
].join(',')

/** Users of the API by the file names of their certificates. */
export const users = {
  admin: '/O=system:masters/CN=admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
} as const

const certificates: Readonly<Record<string, Certificate>> = {
  apiserver: { subject: '/CN=kube-apiserver', authority: 'ca', names: serverNames },
  'apiserver-kubelet': { subject: '/O=system:masters/CN=apiserver-kubelet', authority: 'ca' },
  'front-proxy-client': { subject: '/CN=front-proxy-client', authority: 'front-proxy-ca' },
  ...Object.fromEntries(
    Object.entries(users).map(([name, subject]) => [name, { subject, authority: 'ca' } as const]),
  ),
}

/** Those of the kubelet of a node: as a user of the API, and as a server. */
const certificatesOf = ({
  name,
  address,
}: NodeIdentity): Readonly<Record<string, Certificate>> => ({
  kubelet: { subject: `/O=system:nodes/CN=system:node:${name}`, authority: 'ca' },
  'kubelet-server': { subject: `/CN=${name}`, authority: 'ca', names: `IP:${address},DNS:${name}` },
})

/** For `openssl req`, whose default configuration makes every certificate an authority. */
const configurationFile = 'openssl.cnf'
const configuration = '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n'
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, configurationFile), configuration)
}

/** Makes the key and the certificate of a server or a user that an authority in `folder` signs. */
async function makeSigned(
  folder: string,
  name: string,
  { subject, authority, names }: Certificate,
): Promise<void> {
  const extensions = ['extendedKeyUsage=serverAuth,clientAuth']
  if (names !== undefined) extensions.push(`subjectAltName=${names}`)
  const [certificate, key] = ['crt', 'key'].map((end) => join(folder, `${authority}.${end}`))
  await makeCertificate(folder, name, subject, extensions, ['-CA', certificate!, '-CAkey', key!])
}

async function makeCertificate(
  folder: string,
  name: string,
  subject: string,
  extensions: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  const file = (end: string) => join(folder, `${name}.${end}`)
  await runOrThrow('openssl', [
    ...[
      'req',
      '-x509',
      '-config',
      join(folder, configurationFile),
      '-days',
      '1',
      ...key,
      '-subj',
      subject,
    ],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...['-keyout', file('key'), '-out', file('crt'), ...more],
  ])
}

/**
 * Makes the keys and certificates of one cluster, valid for a day: `NAME.crt` and `NAME.key`, and
 * the key pair of service accounts, `sa.pub` and `sa.key`.
 */
export async function makeCertificates(folder: string): Promise<void> {
  await makeFolder(folder)
  const authority = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign']
  for (const name of ['ca', 'front-proxy-ca']) {
    await makeCertificate(folder, name, `/CN=${name}`, authority)
  }
  await makeAllSigned(folder, { ...certificates, ...certificatesOf(firstNode) })
  const file = (name: string) => join(folder, name)
  await runOrThrow('openssl', ['genrsa', '-out', file('sa.key'), '2048'])
  await runOrThrow('openssl', ['rsa', '-in', file('sa.key'), '-pubout', '-out', file('sa.pub')])
}

/**
 * Makes the keys and certificates of one more node.
 * @param folder for them; @param cluster folder with those of the cluster
 */
export async function makeNodeCertificates(
  folder: string,
  node: NodeIdentity,
  cluster: string,
): Promise<void> {
  await makeFolder(folder)
  for (const name of ['ca.crt', 'ca.key']) await copyFile(join(cluster, name), join(folder, name))
  await makeAllSigned(folder, certificatesOf(node))
}

async function makeAllSigned(
  folder: string,
  all: Readonly<Record<string, Certificate>>,
): Promise<void> {
  await Promise.all(Object.entries(all).map(([name, each]) => makeSigned(folder, name, each)))
}
