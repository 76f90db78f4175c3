import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ApiClient } from './api-client.ts'
import { clusterAddress } from './cluster-address.ts'
import { watchFailure } from './watch-failure.ts'

const period = ['-not_before', '20200101000000Z', '-not_after']

describe('an API server that cannot be used', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'unreachable-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Makes a certificate of 127.0.0.1 that signs itself. @returns its key and certificate */
  function certificate(name: string, end: string) {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const subject = ['-subj', '/CN=server', '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
    const args = ['req', '-x509', ...key, ...period, end, ...subject, ...files]
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const read = (suffix: string) => readFileSync(join(folder, `${name}.${suffix}`))
    return { key: read('key'), cert: read('crt') }
  }

  /** What the log says of pods, with a kubeconfig file. */
  async function failure(cluster: object): Promise<string> {
    const file = join(folder, 'kubeconfig')
    const config = {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    writeFileSync(file, JSON.stringify(config))
    const client = new ApiClient(clusterAddress(file, {}))
    const { signal } = new AbortController()
    const error = await client.get('/api/v1/pods', signal).then(
      () => assert.fail('there is an answer'),
      (reason: Error) => reason,
    )
    return watchFailure('pods', error)
  }

  it('because of its certificate is named', async () => {
    const expired = certificate('expired', '20200201000000Z')
    const valid = certificate('valid', '20990101000000Z')
    for (const [tls, authority, message] of [
      [expired, 'expired.crt', /pods.*certificate has expired/],
      [valid, 'expired.crt', /pods.*self.signed certificate/],
    ] as const) {
      const server = createServer(tls, (_, response) => response.end('{}'))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const cluster = {
        server: `https://127.0.0.1:${port}`,
        'certificate-authority': join(folder, authority),
      }
      try {
        assert.match(await failure(cluster), message)
        const missing = { ...cluster, 'certificate-authority': join(folder, 'none.crt') }
        await assert.rejects(failure(missing), /find the API server \(.*none\.crt/)
      } finally {
        server.closeAllConnections()
        server.close()
      }
    }
  })

  it('because nothing listens is named', async () => {
    assert.match(await failure({ server: 'http://127.0.0.1:1' }), /pods.*ECONNREFUSED 127/)
    assert.match(await failure({ server: 'http://no-such-host.invalid' }), /pods.*no-such-host/)
  })
})
