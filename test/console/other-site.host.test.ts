import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { Page, Response } from 'playwright-core'
import { AgentInConsole } from './agent-in-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

const policyText = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: to-be-kept}
spec:
  tracepoints: [{subsystem: sched, event: sched_process_fork}]
  options: [{name: disable-kprobe-multi, value: "1"}]
`

/** What a page could do to another origin: functions for tests to call in it. */
const attackerPage = `<!doctype html><body><script>
// Returns what it has read.
async function attack(origin) {
  const read = {}
  const change = origin + '/api/call/DeleteTracingPolicy'
  const body = '{"name":"to-be-kept"}'
  for (const path of ['/', '/api/settings', '/api/events', '/api/call/ListTracingPolicies']) {
    for (const mode of ['cors', 'no-cors']) {
      for (const method of ['GET', 'POST']) {
        const answer = fetch(origin + path, { mode, method, credentials: 'include' })
        const text = await answer.then((each) => each.text()).catch(() => '')
        if (text !== '') read[method + mode + path] = text
      }
    }
  }
  await fetch(change, { method: 'POST', mode: 'no-cors', credentials: 'include', body }).catch(() => {})
  navigator.sendBeacon(change, body)

  const load = (tag, path) => new Promise((resolve) => {
    const element = document.createElement(tag)
    element.onload = () => resolve(element)
    element.onerror = () => resolve(undefined)
    element.src = origin + path
    document.body.append(element)
  })
  for (const tag of ['img', 'script']) {
    if (await load(tag, '/api/settings')) read[tag] = 'loaded'
  }
  const frame = await load('iframe', '/')
  try {
    if (frame.contentDocument) read.iframe = frame.contentDocument.body.textContent
  } catch {}

  const socket = new WebSocket(origin.replace('http', 'ws') + '/api/events')
  const isOpen = new Promise((resolve) => {
    socket.onopen = () => resolve(true)
    socket.onerror = () => resolve(false)
  })
  if (await isOpen) read.websocket = 'open'

  // The text of this form is JSON: {"name":"to-be-kept","domain":"="}
  const answer = document.createElement('iframe')
  answer.name = 'answer'
  document.body.append(answer)
  document.body.insertAdjacentHTML('beforeend',
    '<form method=post enctype=text/plain target=answer><input></form>')
  const form = document.querySelector('form')
  form.action = change
  Object.assign(form.firstChild, { name: '{"name":"to-be-kept","domain":"', value: '"}' })
  const posted = new Promise((resolve) => { answer.onload = resolve })
  form.submit()
  await posted
  return read
}

let opened
function openConsole(origin) { opened = window.open(origin) }
function readOpened() {
  try {
    return opened.document.body.textContent + opened.location.href
  } catch (error) {
    return error.name
  }
}
</script>`

describe('a page of another site', () => {
  let own: AgentInConsole
  let site: Server
  let origin: string
  before(async () => {
    own = await AgentInConsole.start('--allow-changes')
    own.addPolicy(policyText)
    origin = new URL(own.page.url()).origin
    site = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(attackerPage)
    })
    site.listen(0)
    await once(site, 'listening')
  })
  after(async () => {
    site?.close()
    site?.closeAllConnections()
    await own?.[Symbol.asyncDispose]()
  })

  /** Opens it in the browser that has the cookie of the console. */
  async function openSite(host: string): Promise<Page> {
    const page = await own.page.context().newPage()
    await page.goto(`http://${host}:${(site.address() as AddressInfo).port}/`)
    return page
  }

  // The cookie is sent to all ports of a host: the first one is the more dangerous.
  for (const host of ['127.0.0.1', 'localhost']) {
    it(`on ${host} can neither read nor change`, async () => {
      const page = await openSite(host)
      const answers: Response[] = []
      page.on('response', (answer) => {
        if (answer.url().startsWith(origin)) answers.push(answer)
      })
      assert.deepEqual(await page.evaluate(`attack('${origin}')`), {})
      assert.notEqual(answers.length, 0)
      for (const answer of answers) {
        assert.equal(answer.status(), 403, `${answer.request().method()} ${answer.url()}`)
      }
      await page.close()
      await own.openView('Policies')
      await own.page.getByRole('button', { name: 'to-be-kept' }).waitFor()
    })

    it(`on ${host} cannot read a console that it has opened`, async () => {
      const page = await openSite(host)
      const popup = page.waitForEvent('popup')
      await page.evaluate(`openConsole('${origin}/policies')`)
      await (await popup).waitForURL(`${origin}/policies`)
      assert.equal(await page.evaluate('readOpened()'), 'SecurityError')
      await (await popup).close()
      await page.close()
    })
  }

  it('with a name that resolves to this machine is refused', async () => {
    const page = await own.page.context().newPage()
    const answer = await page.goto(origin.replace('127.0.0.1', 'localhost'))
    assert.equal(answer?.status(), 421)
    await page.close()
  })
})
