import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Paths of the files of a certificate for localhost, which is its own authority. */
export interface TestCertificate {
  readonly certificate: string
  readonly key: string
}

/** Makes one in a folder. @param alternatives its names, as in openssl-x509v3 */
export function makeCertificate(
  folder: string,
  name = 'server',
  alternatives = 'DNS:localhost,IP:127.0.0.1',
): TestCertificate {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${alternatives}`]
  const files = ['-keyout', key, '-out', certificate]
  const { status, stderr } = spawnSync('openssl', [...args, ...names, ...files], { stdio: 'pipe' })
  if (status !== 0) throw new Error(`make certificate: ${stderr}`)
  return { certificate, key }
}
