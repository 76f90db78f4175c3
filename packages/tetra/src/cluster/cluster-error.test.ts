import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runTetra } from '../testing/run-tetra.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-cluster-error-'))
after(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)

/** Runs tetra with a server. @returns its error */
async function errorWith(server: string, cluster: object = {}): Promise<string> {
  const config = {
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(path('config'), JSON.stringify(config))
  const { err, code } = await runTetra(['status', '--cluster', '--kubeconfig', path('config')])
  assert.equal(code, 1)
  return err
}

/** Answers 401 with a certificate for this machine. @returns what `use` returns */
async function withServer<T>(
  extensions: readonly string[],
  use: (url: string, certificate: string) => Promise<T>,
): Promise<T> {
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const files = ['-nodes', '-subj', '/CN=s', '-keyout', path('key'), '-out', path('cert')]
  execFileSync('openssl', [...make, ...files, ...extensions], { stdio: 'pipe' })
  const [key, cert] = [readFileSync(path('key')), readFileSync(path('cert'))]
  const server = createServer({ key, cert }, (_, response) => {
    response.writeHead(401).end('{"message":"Unauthorized"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, path('cert'))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const local = ['-addext', 'subjectAltName=IP:127.0.0.1']

describe('an API server that cannot be asked', () => {
  it('does not listen', async () => {
    assert.match(
      await errorWith('https://127.0.0.1:1'),
      /^tetra: list pods of kube-system: connect to https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*; is that the right cluster\? See --context\n$/,
    )
  })

  it('has a certificate that is not trusted, for another name, or has expired', async () => {
    await withServer(local, async (url) => {
      const untrusted = /: self-signed certificate; see certificate-authority of the cluster/
      assert.match(await errorWith(url), untrusted)
    })
    await withServer([], async (url, ca) => {
      const other = /IP: 127\.0\.0\.1 is not in the cert's list.*; see tls-server-name/
      assert.match(await errorWith(url, { 'certificate-authority': ca }), other)
    })
    const days = ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z']
    await withServer([...local, ...days], async (url, ca) => {
      const expired = /certificate has expired; the server's certificate has to be renewed/
      assert.match(await errorWith(url, { 'certificate-authority': ca }), expired)
    })
  })

  it('refuses the credentials', async () => {
    await withServer(local, async (url) => {
      assert.match(
        await errorWith(url, { 'insecure-skip-tls-verify': true }),
        /: 401 "Unauthorized"; the credentials of the kubeconfig file are not valid \(any more\)\n$/,
      )
    })
  })
})
