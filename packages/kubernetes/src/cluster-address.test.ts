import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { clusterAddress } from './cluster-address.ts'

describe('the address of the API server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetragon-kubeconfig-'))
  const path = join(folder, 'config')
  after(() => rmSync(folder, { recursive: true, force: true }))

  function write(cluster: string, user: string): void {
    writeFileSync(
      path,
      `current-context: here
clusters: [{name: other, cluster: {server: 'https://other'}}, {name: c, cluster: ${cluster}}]
users: [{name: u, user: ${user}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
`,
    )
  }

  it('is taken from the current context', () => {
    const ca = Buffer.from('CA').toString('base64')
    writeFileSync(join(folder, 'cert.pem'), 'CERT')
    write(
      `{server: 'https://10.0.0.1:6443/prefix', certificate-authority-data: ${ca}}`,
      '{client-certificate: cert.pem, token: secret}',
    )
    const { url, tls, authorization } = clusterAddress(path, {})
    assert.equal(url.href, 'https://10.0.0.1:6443/prefix')
    const used = tls()
    assert.deepEqual([used.ca, used.cert, used.rejectUnauthorized], ['CA', 'CERT', true])
    assert.equal(authorization(), 'Bearer secret')
  })

  it('reads files of credentials again', () => {
    const cluster = "server: 'http://localhost:8001', insecure-skip-tls-verify: true"
    writeFileSync(join(folder, 'ca'), '')
    write(`{${cluster}, certificate-authority: ca}`, '{tokenFile: token}')
    const { tls, authorization } = clusterAddress(path, {})
    assert.equal(tls().rejectUnauthorized, false)
    for (const text of ['a', 'b']) {
      writeFileSync(join(folder, 'token'), `${text}\n`)
      writeFileSync(join(folder, 'ca'), text)
      assert.deepEqual([authorization(), tls().ca], [`Bearer ${text}`, text])
    }
  })

  it('has errors with the missing field', () => {
    const fails = (message: RegExp): void => {
      assert.throws(() => clusterAddress(path, {}), { code: 'KUBERNETES_ADDRESS', message })
    }
    write('{}', '{}')
    fails(/find the API server \(.*config\): cluster c has no server/)
    write("{server: 'https://a'}", '{exec: {command: x}}')
    fails(/users of kind exec are not supported/)
    write("{server: 'file:///etc/passwd'}", '{}')
    fails(/server file:/)
    writeFileSync(path, 'current-context: gone')
    fails(/contexts has no entry gone/)
    writeFileSync(path, '{')
    fails(/kubeconfig|Flow|flow|missing/)
    const message = /service account.*KUBERNETES_SERVICE_HOST is not set/
    assert.throws(() => clusterAddress('', {}), { code: 'KUBERNETES_ADDRESS', message })
  })
})
