import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { FloodingAgent } from './flooding-agent.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

describe('the paused list of events', () => {
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
  const row = (text: string) => console.page.locator('.row', { hasText: text })

  it('agrees with the counts, and announces newer events that match', async () => {
    const { page } = console
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    // Starts, connections and exits of ten processes.
    await agent.send(300, 0.1)
    await status(', 30 of 30 shown,')
    await row('path/1009').last().waitFor()
    await button('Pause (p)').click()
    await button('Follow (p)').waitFor()
    await agent.send(300, 0.1)
    await status(', 30 of 60 shown, 30 newer,')
    await page.getByRole('combobox', { name: 'Filter' }).fill('example.com/path/1015')
    await status(', 0 of 60 shown, 3 newer,')
    await waitUntil(async () => (await page.locator('.row').count()) === 0)
    await page.getByText('3 newer ones match: press p to follow').waitFor()
    await page.getByRole('combobox', { name: 'Filter' }).fill('example.com/path/1005')
    await status(', 3 of 60 shown, 2')
    await button('Follow (p): 3 newer').waitFor({ state: 'detached' })
    await page.getByRole('combobox', { name: 'Filter' }).fill('example.com/path/1015')
    await button('Follow (p): 3 newer').click()
    await status(', 3 of 60 shown, 2')
    // The connection is found by the arguments of its process.
    for (const kind of ['process', 'connect', 'exit']) await row(kind).waitFor()
    assert.equal(await page.locator('.row').count(), 3)
    assert.deepEqual(console.problems, [])
  })
})
