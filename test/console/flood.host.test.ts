import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { FloodingAgent } from './flooding-agent.ts'
import { OpenConsole } from './open-console.ts'

const [rate, seconds] = [5000, 6]
/** Maximum bytes of the page for an event: what the store takes for one, and garbage. */
const eventBytes = 8192
/** Maximum bytes that depend on no number of events. */
const spareBytes = 200 << 20

describe('a console under 5,000 events per second', () => {
  let folder: string
  let agent: FloodingAgent
  let console: OpenConsole
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
    agent = await FloodingAgent.start(folder)
    console = await OpenConsole.open('--server-address', agent.address)
    await console.page.getByRole('status').filter({ hasText: 'events/s' }).waitFor()
  })
  after(async () => {
    await console?.[Symbol.asyncDispose]()
    await agent?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  it('has all events, within bounds of memory', async () => {
    const { page } = console
    const before = { page: await console.pageMemory(), server: console.serverMemory() }
    await agent.send(rate, seconds)
    const all = `${agent.sent} of ${agent.sent} shown`
    await page.getByRole('status').filter({ hasText: all }).waitFor()
    assert.equal(agent.sent, rate * seconds)
    const grown = (await console.pageMemory()) - before.page
    assert.ok(grown < spareBytes + agent.sent * eventBytes, `${grown} bytes`)
    // tetra keeps no events.
    const kept = console.serverMemory() - before.server
    assert.ok(kept < spareBytes, `${kept} bytes`)
  })

  it('answers while events arrive', async () => {
    const { page } = console
    const sending = agent.send(rate, seconds)
    const found = page.getByRole('status').filter({ hasText: / 2 of \d+ shown/ })
    await page.getByRole('combobox', { name: 'Filter' }).fill('/path/9999')
    await found.waitFor()
    await page.locator('.row').first().click()
    await page.locator('.lineage li').first().waitFor()
    await sending
  })
})
