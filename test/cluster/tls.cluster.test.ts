// The tests are steps: they use the chart that an earlier one has installed.

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ProgramResult, runProgram } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../vm/repository.ts'
import { chart, inSystem, installAgent, removeAgent, sharedCluster } from './installation.ts'
import { firstNode } from './node/names.ts'

const cluster = sharedCluster()
const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
const address = `${firstNode.address}:54321`
const secrets = ['tetragon-server-certs', 'tetragon-client-certs', 'tetragon-ca']

/** Options of helm: TLS for clients with a certificate. */
function options(method: string): string[] {
  const values = {
    'tetragon.hostProcPath': '/procHost',
    'tetragon.grpc.address': `0.0.0.0:54321`,
    'tetragon.grpc.tls.enabled': 'true',
    'tetragon.grpc.tls.requireClientCert': 'true',
    'tetragon.grpc.tls.auto.method': method,
    'tetragon.grpc.readClients': '{cn=tetragon-client}',
    'tetragon.grpc.changeClients': '{uid=0}',
    'tetragonOperator.enabled': 'false',
    'crds.installMethod': 'none',
    'tetragonOperator.tracingPolicy.enabled': 'false',
  }
  return Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`])
}

/** A value of a Secret. */
async function secretValue(secret: string, key: string): Promise<string> {
  const path = `jsonpath={.data.${key.replace('.', '\\.')}}`
  const data = await cluster.kubectl('get', 'secret', ...inSystem, secret, '-o', path)
  return Buffer.from(data, 'base64').toString()
}

/** Writes the certificates of clients to files, as a user would. */
async function filesOfClient(): Promise<Record<'ca' | 'certificate' | 'key', string>> {
  const folder = join(cluster.folder, 'client')
  await mkdir(folder, { recursive: true })
  const write = async (key: string): Promise<string> => {
    await writeFile(join(folder, key), await secretValue('tetragon-client-certs', key), {
      mode: 0o600,
    })
    return join(folder, key)
  }
  return {
    ca: await write('ca.crt'),
    certificate: await write('tls.crt'),
    key: await write('tls.key'),
  }
}

/** Runs `tetra status` with options. */
const runTetra = (...options: readonly string[]) => ask('status', ...options)

/** Runs tetra in the network of the node, without the node's files. */
function ask(question: string, ...more: readonly string[]): Promise<ProgramResult> {
  const command = [...question.split(' '), '--retries=0', '--server-address', address, ...more]
  const [program, ...args] = cluster.commandInNetwork([process.execPath, tetra, ...command])
  return runProgram(program, args)
}

const name = ['--tls-server-name', 'node-1.tetragon-grpc.cilium.io']

/** Whether the agent accepts the client whose files are in the Secrets now. */
async function isAccepted(): Promise<boolean> {
  const { ca, certificate, key } = await filesOfClient()
  const own = ['--tls-cert-file', certificate, '--tls-key-file', key]
  return (await runTetra('--tls-ca-cert-files', ca, ...own, ...name)).exitCode === 0
}

const podUid = (): Promise<string> =>
  cluster.kubectl(
    'get',
    'pod',
    ...inSystem,
    '-l',
    'app.kubernetes.io/name=tetragon',
    '-o',
    'jsonpath={.items[*].metadata.uid}',
  )

/** The certificate that the agent shows to new clients. */
async function shownCertificate(): Promise<X509Certificate | undefined> {
  const connect = ['openssl', 's_client', '-connect', address]
  const [program, ...args] = cluster.commandInNetwork(connect)
  const { stdout } = await runProgram(program, args)
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(stdout) ?? []
  return pem === undefined ? undefined : new X509Certificate(pem)
}

/** Waits until the agent has the certificates of the Secrets; the pod must not restart for that. */
async function untilReloaded(): Promise<void> {
  // The kubelet updates the files of a pod when the pod changes, or a minute later.
  const pod = ['pod', ...inSystem, '-l', 'app.kubernetes.io/name=tetragon']
  const { serialNumber } = await serverCertificate()
  let change = 0
  await cluster.waitFor('the agent to use new certificates', async () => {
    await cluster.kubectl('annotate', '--overwrite', ...pod, `change=${++change}`)
    return (await shownCertificate())?.serialNumber === serialNumber
  })
  assert.ok(await isAccepted())
}

const serverCertificate = async (): Promise<X509Certificate> =>
  new X509Certificate(await secretValue('tetragon-server-certs', 'tls.crt'))

test('clients with a certificate reach an agent over TLS, others do not', async () => {
  await installAgent(cluster, ...options('helm'))
  const { ca, certificate, key } = await filesOfClient()
  const [trust, own] = [
    ['--tls-ca-cert-files', ca],
    ['--tls-cert-file', certificate, '--tls-key-file', key],
  ]
  const accepted = await runTetra(...trust, ...own, ...name)
  assert.equal(accepted.exitCode, 0, accepted.stderr)
  for (const wrong of [
    [],
    ['--tls-skip-verify'],
    [...trust, ...name],
    [...own, ...name],
    [...trust, ...own, '--tls-server-name', 'other.example'],
  ]) {
    assert.notEqual((await runTetra(...wrong)).exitCode, 0, wrong.join(' '))
  }
  // Programs in the pod use the socket.
  const inPod = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--', 'tetra', 'status']
  await cluster.kubectl(...inPod)
  // The roles of clients: one with the certificate may read, root in the pod may also change.
  const read = await ask('tracingpolicy list', ...trust, ...own, ...name)
  assert.equal(read.exitCode, 0, read.stderr)
  const change = 'tracingpolicy delete missing'
  const refused = await ask(change, ...trust, ...own, ...name)
  assert.match(refused.stderr, /server-change-clients/)
  const inTurn = await cluster.tryKubectl([...inPod.slice(0, -1), ...change.split(' ')])
  assert.match(inTurn.stderr, /missing/)
  assert.doesNotMatch(inTurn.stderr, /server-change-clients/)
})

test('an upgrade renews the certificates from the same authority, without a restart', async () => {
  const [pod, ca] = [await podUid(), await secretValue('tetragon-ca', 'ca.crt')]
  const { serialNumber } = await serverCertificate()
  await cluster.helm('upgrade', 'tetragon', chart, ...inSystem, ...options('helm'))
  assert.notEqual((await serverCertificate()).serialNumber, serialNumber)
  assert.equal(await secretValue('tetragon-ca', 'ca.crt'), ca)
  await untilReloaded()
  assert.equal(await podUid(), pod)
})

test('a Job writes the certificates with the method cronJob, and does so again', async () => {
  const pod = await podUid()
  await cluster.helm('upgrade', 'tetragon', chart, ...inSystem, ...options('cronJob'))
  const completed = ['wait', ...inSystem, '--for=condition=complete', '--timeout=240s', 'job']
  await cluster.kubectl(...completed, '-l', 'app.kubernetes.io/instance=tetragon')
  await untilReloaded()
  const first = await serverCertificate()
  const authority = new X509Certificate(await secretValue('tetragon-ca', 'ca.crt'))
  assert.ok(first.verify(authority.publicKey))
  assert.equal(first.checkHost('a.tetragon-grpc.cilium.io'), '*.tetragon-grpc.cilium.io')
  // kubectl 1.34 does not know the version of CronJobs here: `create job --from` fails.
  const cronJob = await cluster.kubectl(
    'get',
    ...inSystem,
    'cronjob/tetragon-certgen',
    '-o',
    'json',
  )
  const { spec } = JSON.parse(cronJob) as { readonly spec: { readonly jobTemplate: object } }
  const again = { ...spec.jobTemplate, metadata: { name: 'again', namespace: 'kube-system' } }
  await cluster.apply({ apiVersion: 'batch/v1', kind: 'Job', ...again })
  await cluster.kubectl(...completed, 'again')
  assert.notEqual((await serverCertificate()).serialNumber, first.serialNumber)
  assert.equal(await secretValue('tetragon-ca', 'ca.crt'), authority.toString())
  await untilReloaded()
  assert.equal(await podUid(), pod)
  await cluster.kubectl('delete', 'job', ...inSystem, 'again')
})

test('the account of the Job may write the Secrets of certificates, and nothing else', async () => {
  const account = 'system:serviceaccount:kube-system:tetragon-certgen'
  const may = async (verb: string, what: string): Promise<boolean> => {
    const question = ['auth', 'can-i', verb, what, '--as', account, ...inSystem]
    return (await cluster.tryKubectl(question)).stdout.trim() === 'yes'
  }
  for (const secret of secrets) {
    assert.ok(await may('update', `secrets/${secret}`))
    assert.ok(!(await may('delete', `secrets/${secret}`)))
  }
  for (const verb of ['create', 'list', 'get']) assert.ok(!(await may(verb, 'secrets')), verb)
  assert.ok(!(await may('get', 'pods')))
})

test('nothing is left when the chart is removed', async () => {
  await removeAgent(cluster)
  const left = ['get', ...inSystem, 'secrets,jobs,cronjobs', '-o', 'name']
  const names = (await cluster.kubectl(...left))
    .split('\n')
    .filter((each) => /tetragon|again/.test(each))
  assert.deepEqual(
    names.filter((each) => !each.includes('-token-')),
    [],
  )
})
