import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { AgentInConsole } from './agent-in-console.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** Between the console and the agent: a connection that can be lost. */
class Link implements AsyncDisposable {
  readonly #server = createServer((client) => this.#join(client))
  readonly #sockets = new Set<Socket>()
  readonly #target: string
  isCut = false

  constructor(target: string) {
    this.#target = target
  }

  async listen(path: string): Promise<void> {
    this.#server.listen(path)
    await once(this.#server, 'listening')
  }

  #join(client: Socket): void {
    const agent = connect(this.#target)
    for (const socket of [client, agent]) {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    }
    client.pipe(agent).pipe(client)
    if (this.isCut) this.cut()
  }

  cut(): void {
    this.isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
  }
}

let agent: AgentInConsole
let link: Link
let opened: OpenConsole
before(async () => {
  agent = await AgentInConsole.withoutConsole()
  agent.run('program-of-the-past')
  const path = join(agent.folder, 'link')
  link = new Link(agent.address.replace('unix://', ''))
  await link.listen(path)
  opened = await OpenConsole.open('--server-address', `unix://${path}`)
})
after(async () => {
  await opened?.[Symbol.asyncDispose]()
  await link?.[Symbol.asyncDispose]()
  await agent?.[Symbol.asyncDispose]()
})

/** Names of the programs that started, in the order of the list. */
async function programs(page: Page): Promise<string[]> {
  const rows = await page.locator('.row').allTextContents()
  return rows.flatMap((row) => /program-[\w-]+(?= --one)/.exec(row) ?? [])
}

async function shows(page: Page, ...names: string[]): Promise<void> {
  await waitUntil(async () => (await programs(page)).length >= names.length)
  assert.deepEqual(await programs(page), names)
  await page
    .getByRole('status')
    .filter({ hasText: `, ${names.length} of ` })
    .waitFor()
}

describe('the past in the console', () => {
  it('is there when the page opens, before live events, and marked by time', async () => {
    const { page } = opened
    // Programs of other tests are in the past as well.
    const starts = `kind:exec binary:${agent.folder}/program-*`
    await page.getByRole('combobox', { name: 'Filter' }).fill(starts)
    await shows(page, 'program-of-the-past')
    await page.getByText(/^The agent keeps events since [\d:.]+\.$/).waitFor()
    agent.run('program-live')
    await shows(page, 'program-of-the-past', 'program-live')
    const times = await page.locator('.row time').allTextContents()
    assert.deepEqual(times, times.toSorted())
    assert.match(times[0], /^\d\d:\d\d:\d\d\.\d{3}$/)
  })

  it('has the lineage of processes', async () => {
    const { page } = opened
    await page.locator('.row', { hasText: 'program-of-the-past' }).click()
    await page.locator('.lineage li', { hasText: '/bin/sh -c' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('p')
  })

  it('is the same after a reload, and in a second page', async () => {
    const { page } = opened
    await page.reload()
    await shows(page, 'program-of-the-past', 'program-live')
    const second = await page.context().newPage()
    await second.goto(page.url())
    await shows(second, 'program-of-the-past', 'program-live')
    await second.close()
  })

  it('fills the time in which the connection was lost, and no event is there twice', async () => {
    const { page } = opened
    agent.run('program-before')
    await shows(page, 'program-of-the-past', 'program-live', 'program-before')
    link.cut()
    await page.getByRole('status').filter({ hasText: 'no events: ' }).waitFor()
    agent.run('program-unseen')
    link.isCut = false
    await page.getByRole('status').filter({ hasText: 'events/s' }).waitFor()
    agent.run('program-after')
    const all = ['of-the-past', 'live', 'before', 'unseen', 'after']
    await shows(page, ...all.map((name) => `program-${name}`))
    assert.equal(await page.getByText('events may be missing').count(), 0)
    assert.deepEqual(opened.problems, [])
  })
})
