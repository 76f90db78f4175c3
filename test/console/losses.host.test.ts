import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { FloodingAgent } from './flooding-agent.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

// Starts a source of events and `tetra console`, in the shared browser.
describe('events that were lost', () => {
  let folder: string
  let agent: FloodingAgent
  let console: OpenConsole
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
    agent = await FloodingAgent.start(folder)
    console = await OpenConsole.open('--server-address', agent.address)
    await status('events/s')
  })
  after(async () => {
    await console?.[Symbol.asyncDispose]()
    await agent?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const status = (text: string) =>
    console.page.getByRole('status').filter({ hasText: text }).waitFor()
  const mark = () => console.page.getByRole('button', { name: '⚠ 1,234 events were lost' })
  const openView = (name: string) => console.page.getByRole('link', { name, exact: true }).click()

  it('are marked in the header and the time line of every view', async () => {
    const { page } = console
    await agent.send(300, 0.1)
    await status(', 30 of 30 shown,')
    assert.equal(await mark().count(), 0)
    agent.reportLost(1234)
    await mark().waitFor()
    for (const view of ['Processes', 'Policies', 'Enforcement', 'Health', 'Events']) {
      await openView(view)
      await mark().waitFor()
      const timeLine = page.getByRole('region', { name: 'Time line' })
      await timeLine.getByText('⚠ 1,234 events were lost here').waitFor()
      assert.equal(await timeLine.locator('.gap').count(), 1)
    }
    assert.deepEqual(console.problems, [])
  })

  it('are named where they make counts and what a process did incomplete', async () => {
    const { page } = console
    await openView('Enforcement')
    await page.getByText('events were lost in this time: more may have been stopped').waitFor()
    await openView('Processes')
    // It runs all the time.
    await page.getByRole('treeitem', { name: 'systemd' }).click()
    await page.getByText('events were lost while it ran: this list may be incomplete').waitFor()
    await mark().click()
    await page.getByText('1234 events dropped by agents because the page was too slow').waitFor()
  })
})
