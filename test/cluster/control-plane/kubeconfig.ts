import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes a kubeconfig file with embedded certificates.
 * @param folder folder with the certificates
 * @param user name of the certificate
 * @param address of the API server
 */
export async function writeKubeconfig(
  folder: string,
  user: string,
  file: string,
  address: string,
): Promise<void> {
  const read = (name: string) => readFile(join(folder, name), 'base64')
  const cluster = {
    server: `https://${address}`,
    'certificate-authority-data': await read('ca.crt'),
  }
  const credentials = {
    'client-certificate-data': await read(`${user}.crt`),
    'client-key-data': await read(`${user}.key`),
  }
  // JSON is YAML.
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  }
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 })
}
