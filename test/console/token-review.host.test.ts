import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { consolePath } from '@tetragon-ts/tetra/console-rights'
import { FakeCluster } from '@tetragon-ts/tetra/testing'
import type { Page } from 'playwright-core'
import { OpenConsole } from './open-console.ts'
import { UserProxy } from './user-proxy.ts'
import { hurryAfterFailure, limitWaits, waitUntil } from './waits.ts'

hurryAfterFailure()

/** The verbs of users on the path of the console. */
const rights: Readonly<Record<string, readonly string[]>> = {
  ada: ['get', 'update'],
  bob: ['get'],
  eve: [],
}
const policy = { name: 'guard', state: 'TP_STATE_ENABLED', mode: 'TP_MODE_ENFORCE' }

let cluster: FakeCluster
let agent: Awaited<ReturnType<FakeCluster['addAgent']>>
let proxy: UserProxy
let opened: OpenConsole
before(async () => {
  cluster = await FakeCluster.start()
  agent = await cluster.addAgent('one')
  agent.answer('ListTracingPolicies', { policies: [policy] })
  cluster.api.reviews.set('/apis/authentication.k8s.io/v1/tokenreviews', ({ spec }) => {
    const [, username] = /^token-of-(\w+)$/.exec((spec as { token: string }).token) ?? []
    return { status: { authenticated: username !== undefined, user: { username } } }
  })
  cluster.api.reviews.set('/apis/authorization.k8s.io/v1/subjectaccessreviews', ({ spec }) => {
    const { user, nonResourceAttributes: asked } = spec as {
      user: string
      nonResourceAttributes: { path: string; verb: string }
    }
    const allowed = asked.path === consolePath && rights[user]?.includes(asked.verb)
    return { status: { allowed } }
  })
  const socket = join(cluster.folder, 'console')
  proxy = await UserProxy.start(socket)
  const listen = ['--listen', `unix://${socket}`, '--public-url', proxy.url]
  const access = ['--token-review', '--allow-changes']
  opened = await OpenConsole.open(...cluster.options, ...listen, ...access)
})
afterEach(() => {
  proxy.user = ''
})
after(async () => {
  await opened?.[Symbol.asyncDispose]()
  await proxy?.[Symbol.asyncDispose]()
  await cluster?.stop()
})

/** A browser of a user who has logged in at the proxy. */
async function browserOf(user: string): Promise<Page> {
  const context = await opened.page.context().browser()!.newContext()
  await context.addCookies([{ name: 'user', value: user, url: proxy.url }])
  limitWaits(context)
  return context.newPage()
}

describe('a console for the users of a cluster', () => {
  it('shows nothing to a browser without a user', async () => {
    const text = await opened.page.textContent('body')
    assert.match(text ?? '', /the proxy of the console must add a header Authorization/)
  })

  it('names the right that a user lacks', async () => {
    const page = await browserOf('eve')
    await page.goto(proxy.url)
    await page.getByText('the user eve needs the verb get on the path /tetragon/console').waitFor()
    await page.context().close()
  })

  it('is for many browsers, each with the rights of its user', async () => {
    const [ada, bob] = [await browserOf('ada'), await browserOf('bob')]
    for (const page of [ada, bob]) {
      await page.goto(`${proxy.url}/policies?filter=x`)
      await page.getByRole('button', { name: 'guard' }).click()
      await page.getByRole('heading', { name: /enabled, enforce/ }).waitFor()
      assert.match(page.url(), /\/policies\?/)
    }
    assert.equal(await ada.getByRole('button', { name: 'Delete' }).count(), 1)
    assert.equal(await bob.getByRole('button', { name: 'Delete' }).count(), 0)
    ada.once('dialog', (dialog) => dialog.accept())
    await ada.getByRole('button', { name: 'Delete' }).click()
    await waitUntil(() => agent.requestsOf('DeleteTracingPolicy').length > 0)
    await ada.context().close()
    await bob.context().close()
  })

  it('cannot be used by a page of another site, to which the proxy adds the token', async () => {
    proxy.user = 'ada'
    const site = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>other</title>')
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.2', resolve))
    proxy.passed.length = 0
    const before = agent.requestsOf('DeleteTracingPolicy').length
    const page = await browserOf('ada')
    // The user has the console open, in another tab.
    const own = await page.context().newPage()
    await own.goto(proxy.url)
    await own.getByRole('status').filter({ hasText: '0 processes' }).waitFor()
    assert.equal(own.url(), `${proxy.url}/`)
    await page.goto(`http://127.0.0.2:${(site.address() as AddressInfo).port}`)
    const answers = await page.evaluate(async (console) => {
      const failed = (error: Error): string => error.name
      const options = { credentials: 'include', mode: 'no-cors' } as const
      const change = { ...options, method: 'POST', body: '{"name":"guard"}' }
      const read = { credentials: 'include' } as const
      return [
        await fetch(`${console}/api/call/DeleteTracingPolicy`, change).then(String, failed),
        await fetch(`${console}/api/settings`, read).then(String, failed),
      ]
    }, proxy.url)
    assert.deepEqual(answers, ['TypeError', 'TypeError'])
    // The console has got the request, with the token of the user.
    assert.ok(proxy.passed.includes('POST /api/call/DeleteTracingPolicy'))
    assert.equal(agent.requestsOf('DeleteTracingPolicy').length, before)
    await page.context().close()
    site.closeAllConnections()
    site.close()
  })
})
