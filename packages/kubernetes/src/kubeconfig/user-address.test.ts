import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { userAddress } from './user-address.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-kubeconfig-'))
after(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)

/** Writes a kubeconfig file with a context, a cluster and a user of the same name. */
function write(file: string, name: string, user: object, cluster: object = {}): string {
  const server = `https://${name}.example`
  const config = {
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
    'current-context': name,
  }
  writeFileSync(path(file), JSON.stringify(config))
  return path(file)
}

const choose = (kubeconfig = '', context = '', env: NodeJS.ProcessEnv = {}) =>
  userAddress({ kubeconfig, context }, { HOME: path('home'), ...env })

function fails(message: RegExp, ...choice: Parameters<typeof choose>): void {
  assert.throws(() => choose(...choice), { code: 'KUBERNETES_ADDRESS', message })
}

describe('the cluster of a user', () => {
  it('is that of the chosen context of the first file that has it', () => {
    const [a, b] = [write('a', 'one', { token: 'A' }), write('b', 'two', { token: 'B' })]
    const KUBECONFIG = `${a}:${path('missing')}:${b}:${write('c', 'one', { token: 'C' })}`
    const current = choose('', '', { KUBECONFIG })
    assert.deepEqual(
      [current.url.href, current.namespace, current.authorization()],
      ['https://one.example/', 'of-one', 'Bearer A'],
    )
    assert.equal(choose('', 'two', { KUBECONFIG }).authorization(), 'Bearer B')
    assert.equal(choose(b, '', { KUBECONFIG }).authorization(), 'Bearer B')
    fails(/contexts has no entry three; it has one, two, one/, '', 'three', { KUBECONFIG })
  })

  it('is that of ~/.kube/config by default', () => {
    fails(/\/home\/\.kube\/config\): there is no kubeconfig file; see --kubeconfig/)
    mkdirSync(path('home/.kube'), { recursive: true })
    write('home/.kube/config', 'home', {})
    assert.equal(choose().url.href, 'https://home.example/')
    rmSync(path('home'), { recursive: true })
    fails(/service account\): ENOENT/, '', '', { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
  })

  it('has paths relative to its file', () => {
    mkdirSync(path('sub'), { recursive: true })
    writeFileSync(path('sub/token'), 'T\n')
    const file = write('sub/config', 'x', { tokenFile: 'token' })
    assert.equal(choose(file).authorization(), 'Bearer T')
  })

  it('has clear errors', () => {
    writeFileSync(path('broken'), 'users: [{user: {token: secret')
    fails(/parse .*broken: (?!.*secret)/, path('broken'))
    fails(/ENOENT/, path('none'))
    writeFileSync(path('list'), '- a')
    fails(/kubeconfig has no current-context/, path('list'))
    fails(/auth-provider of user x is not supported/, write('x', 'x', { 'auth-provider': {} }))
    fails(/as of user x is not supported/, write('x', 'x', { as: 'root' }))
    const proxied = write('x', 'x', {}, { 'proxy-url': 'http://p' })
    fails(/proxy-url of cluster x is not supported/, proxied)
    fails(/both client-certificate and client-key/, write('x', 'x', { 'client-key-data': 'eA==' }))
    const other = Buffer.from('nonsense').toString('base64')
    const badCa = write('x', 'x', {}, { 'certificate-authority-data': other })
    fails(/read certificate-authority: /, badCa)
    fails(/ENOENT.*gone/, write('x', 'x', { tokenFile: 'gone' }))
  })

  it('has no expired certificate', () => {
    const [cert, key] = [path('cert.pem'), path('key.pem')]
    const days = ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z']
    const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    const files = ['-nodes', '-subj', '/CN=u', '-keyout', key, '-out', cert]
    execFileSync('openssl', [...make, ...days, ...files], { stdio: 'pipe' })
    const file = write('x', 'x', { 'client-certificate': cert, 'client-key': key })
    fails(/the certificate of the user expired on Jan +2 00:00:00 2020 GMT/, file)
  })
})

describe('a credential plugin', () => {
  /** Writes a plugin: a shell script. */
  function plugin(script: string, more: object = {}): string {
    writeFileSync(path('plugin'), `#!/bin/sh\n${script}\n`)
    chmodSync(path('plugin'), 0o755)
    const apiVersion = 'client.authentication.k8s.io/v1'
    return write('p', 'p', { exec: { apiVersion, command: './plugin', ...more } })
  }
  const credential = (status: object) =>
    `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', status })}'`

  it('runs once until its credentials expire or are refused', async () => {
    const expires = (at: number) => ({ token: 'T', expirationTimestamp: new Date(at) })
    const count = `echo x >> ${path('runs')}`
    const runs = () => readFileSync(path('runs'), 'utf8').length / 2
    const file = plugin(`${count}; ${credential(expires(Date.now() + 3_600_000))}`)
    const address = choose(file)
    await Promise.all([address.renew?.(), address.renew?.()])
    assert.deepEqual([address.authorization(), runs()], ['Bearer T', 1])
    address.refused?.()
    await address.renew?.()
    assert.equal(runs(), 2)
    const expired = choose(plugin(`${count}; ${credential(expires(0))}`))
    await expired.renew?.()
    await expired.renew?.()
    assert.equal(runs(), 4)
  })

  it('gets arguments, variables and the cluster', async () => {
    const file = plugin(
      `printf '%s %s %s' "$1" "$NAME" "$KUBERNETES_EXEC_INFO" > ${path('got')}
${credential({ clientCertificateData: 'CERT', clientKeyData: 'KEY' })}`,
      {
        args: ['get'],
        env: [{ name: 'NAME', value: 'v w' }],
        provideClusterInfo: true,
        interactiveMode: 'Never',
      },
    )
    const address = choose(file)
    await address.renew?.()
    const { cert, key } = address.tls()
    assert.deepEqual([cert, key, address.authorization()], ['CERT', 'KEY', undefined])
    const got = readFileSync(path('got'), 'utf8')
    assert.equal(got.slice(0, 8), 'get v w ')
    const { kind, spec } = JSON.parse(got.slice(8))
    assert.equal(kind, 'ExecCredential')
    assert.deepEqual(spec, { interactive: false, cluster: { server: 'https://p.example' } })
  })

  it('fails with its reason, and without its secrets', async () => {
    const rejects = async (message: RegExp, file: string): Promise<void> => {
      await assert.rejects(async () => choose(file).renew?.(), { message })
    }
    await rejects(/run credential plugin \.\/plugin: exit code 3$/, plugin('exit 3'))
    await rejects(/: its output is not an object of JSON$/, plugin('echo secret'))
    await rejects(/: its output has no credentials$/, plugin(credential({ token: '' })))
    await rejects(/only one of/, plugin(credential({ clientKeyData: 'x' })))
    await rejects(
      /invalid expiration/,
      plugin(credential({ token: 't', expirationTimestamp: 'x' })),
    )
    const missing = { command: 'no-such-plugin', installHint: 'install it' }
    await rejects(/no-such-plugin: .*ENOENT; install it$/, plugin('', missing))
    await rejects(/: it needs a terminal$/, plugin('', { interactiveMode: 'Always' }))
    fails(/apiVersion old; supported are/, plugin('', { apiVersion: 'old' }))
  })
})
