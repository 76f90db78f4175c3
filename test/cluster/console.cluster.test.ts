// The tests are steps: they use the chart, the nodes and the pods that the first one has started.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runOrThrow } from '@tetragon-ts/test/archives'
import type { Browser, Page } from 'playwright-core'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { browserInCluster } from './cluster-browser.ts'
import { ClusterTetra, type FollowingTetra } from './cluster-tetra.ts'
import { demoImage } from './images/cluster-images.ts'
import { inSystem, installAgent, removeAgent, sharedCluster } from './installation.ts'
import { firstNode, secondNode } from './node/names.ts'
import { SecondNode } from './node/second-node.ts'

const cluster = sharedCluster()
/** The address of the console for the users of the cluster. */
const host = 'tetragon.example'
const secret = 'console-tls'

let second: SecondNode | undefined
/** `tetra --cluster console`, and its page. */
let own: FollowingTetra | undefined
let browser: Browser | undefined
/** That of users of the one in the cluster. */
let users: Browser | undefined
let page: Page
/** The page of the one in the cluster, of a user. */
let user: Page
after(async () => {
  await browser?.close()
  await users?.close()
  await own?.interrupt()
  await second?.end()
})

async function newPage(of: Browser, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
  const context = await of.newContext({ ignoreHTTPSErrors: true, extraHTTPHeaders: headers })
  const opened = await context.newPage()
  opened.setDefaultTimeout(180_000)
  return opened
}

/** Makes a certificate for the console, as a Secret. */
async function makeSecret(): Promise<void> {
  const [key, certificate] = ['key', 'crt'].map((end) => join(cluster.folder, `console.${end}`))
  const request = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt']
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  const files = ['-keyout', key!, '-out', certificate!]
  await runOrThrow('openssl', [...request, 'ec_paramgen_curve:prime256v1', ...names, ...files])
  const values = [`--cert=${certificate}`, `--key=${key}`]
  await cluster.kubectl('create', 'secret', 'tls', secret, ...inSystem, ...values)
}

/** Starts a pod on a node, with its name. */
async function startPod(name: string, nodeName: string): Promise<void> {
  const containers = [{ name: 'demo', image: demoImage, command: ['/bin/sleep', '3600'] }]
  const spec = { nodeName, terminationGracePeriodSeconds: 0, containers }
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec })
  await cluster.kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=240s')
}

/** A token of a new account of the cluster, as a proxy gets one when a user logs in. */
async function tokenOf(name: string): Promise<string> {
  await cluster.kubectl('create', 'serviceaccount', name)
  let token = ''
  await cluster.waitFor('the token of the account', async () => {
    const { stdout } = await cluster.tryKubectl(['get', 'serviceaccount', name, '-o', 'json'])
    const [secret] = (JSON.parse(stdout) as { secrets?: { name: string }[] }).secrets ?? []
    if (secret === undefined) return false
    token = await cluster.kubectl('get', 'secret', secret.name, '-o', 'jsonpath={.data.token}')
    return token !== ''
  })
  return Buffer.from(token, 'base64').toString()
}

/**
 * Runs a command in a pod until the page has its event: a page that was just opened, and an agent
 * that has just started, have no stream of events yet. @returns the row of the event
 */
async function rowOf(opened: Page, pod: string, file: string): Promise<string> {
  const row = opened.locator('.row', { hasText: `cat ${file}` }).first()
  await cluster.waitFor(`a row with ${file}`, async () => {
    await cluster.kubectl('exec', pod, '--', 'cat', file)
    return await row.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    )
  })
  return (await row.textContent()) ?? ''
}

/** Waits until the page has the agents of both nodes. */
async function seeAgents(opened: Page): Promise<void> {
  await opened.getByRole('link', { name: 'Health', exact: true }).click()
  for (const { name } of [firstNode, secondNode]) {
    await opened.getByRole('row', { name: new RegExp(`^${name} running `) }).waitFor()
  }
}

/** Shows only events with the terms. */
async function filter(opened: Page, terms: string): Promise<void> {
  await opened.keyboard.press('/')
  await opened.keyboard.press('Control+a')
  await opened.keyboard.type(terms)
  await opened.keyboard.press('Enter')
}

test('the console has the events of all nodes, with their pods', async () => {
  second = await SecondNode.start(cluster, [cachePath('image', 'tetragon.tar')])
  await makeSecret()
  const console = { enabled: 'true', publicUrl: `https://${host}`, 'tls.secretName': secret }
  const values = Object.entries(console).map(([name, value]) => `console.${name}=${value}`)
  const all = ['tetragon.hostProcPath=/procHost', ...values]
  await installAgent(cluster, ...all.flatMap((value) => ['--set', value]))
  await startPod('demo-1', firstNode.name)
  await startPod('demo-2', secondNode.name)
  own = new ClusterTetra(cluster).start('console')
  await cluster.waitFor('the address', async () => own?.out.includes('\n') === true)
  browser = await browserInCluster(cluster)
  page = await newPage(browser)
  await page.goto(own.out.trim())
  await seeAgents(page)
  await page.getByRole('link', { name: 'Events', exact: true }).click()
  for (const [pod, node] of [
    ['demo-1', firstNode.name],
    ['demo-2', secondNode.name],
  ] as const) {
    await filter(page, `pod:=default/${pod} node:=${node}`)
    assert.match(await rowOf(page, pod, '/etc/hostname'), new RegExp(`default/${pod}`))
  }
})

test('it shows the state of a policy on each node', async () => {
  const policy = join(repositoryRoot, 'policies/process/ptrace.yaml')
  await cluster.kubectl('apply', '-f', policy)
  await page.getByRole('link', { name: 'Policies', exact: true }).click()
  await page.getByRole('button', { name: 'ptrace', exact: true }).click()
  const detail = page.getByRole('region', { name: 'Policy' })
  for (const { name } of [firstNode, secondNode]) {
    await detail.getByRole('heading', { name: new RegExp(`^${name}: enabled, `) }).waitFor()
  }
})

test('it shows which agent is missing, and goes on when it is back', async () => {
  await page.getByRole('link', { name: 'Health', exact: true }).click()
  const agents = ['-l', 'app.kubernetes.io/name=tetragon', ...inSystem]
  const there = ['--field-selector', `spec.nodeName=${secondNode.name}`]
  await cluster.kubectl('delete', 'pods', ...agents, ...there, '--grace-period=1')
  for (const state of ['missing', 'running']) {
    await page.getByRole('row', { name: new RegExp(`^${secondNode.name} ${state} `) }).waitFor()
  }
  await page.getByRole('link', { name: 'Events', exact: true }).click()
  assert.match(await rowOf(page, 'demo-2', '/etc/resolv.conf'), /default\/demo-2/)
})

test('the one in the cluster shows itself to users with the right, and to no others', async () => {
  await cluster.kubectl('rollout', 'status', ...inSystem, 'deploy/tetragon-console')
  const pods = ['get', 'pods', ...inSystem, '-l', 'app.kubernetes.io/name=tetragon-console']
  const address = await cluster.kubectl(...pods, '-o', 'jsonpath={.items[0].status.podIP}')
  // The proxy adds the token of the user: here the browser does.
  const hosts = { [host]: `${address}:8443` }
  users = await browserInCluster(cluster, hosts)
  const url = `https://${host}/`
  const stranger = await newPage(users)
  await stranger.goto(url)
  await stranger.getByText('the proxy of the console must add a header Authorization').waitFor()
  user = await newPage(users, { authorization: `Bearer ${await tokenOf('ada')}` })
  await user.goto(url)
  const account = 'system:serviceaccount:default:ada'
  const path = '/tetragon/console'
  await user.getByText(`the user ${account} needs the verb get on the path ${path}`).waitFor()
  const role = ['--clusterrole', 'tetragon-console-viewer', '--user', account]
  await cluster.kubectl('create', 'clusterrolebinding', 'console-ada', ...role)
  await cluster.waitFor('the right', async () => {
    return (await user.goto(url))?.ok() === true
  })
  await seeAgents(user)
  await user.getByRole('link', { name: 'Events', exact: true }).click()
  await filter(user, `pod:=default/demo-2`)
  assert.match(await rowOf(user, 'demo-2', '/etc/group'), /default\/demo-2/)
  await user.getByRole('link', { name: 'Policies', exact: true }).click()
  await user.getByRole('button', { name: 'ptrace', exact: true }).click()
  await user.getByRole('heading', { name: new RegExp(`^${secondNode.name}: enabled, `) }).waitFor()
  assert.equal(await user.getByRole('button', { name: 'Delete' }).count(), 0)
})

test('a right that is taken away ends the pages of the user', async () => {
  await cluster.kubectl('delete', 'clusterrolebinding', 'console-ada')
  await user.getByText('no events: ').waitFor()
  await removeAgent(cluster)
})
