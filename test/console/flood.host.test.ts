import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Conversation, recordConversation, takeConversation } from './count-requests.ts'
import { FloodingAgent } from './flooding-agent.ts'
import { type ListFrames, recordListFrames, takeListFrames } from './frames-without-rows.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

const [rate, seconds] = [5000, 3]
/** Events per second that leave the page little to do. */
const slowRate = 500
/** Maximum bytes of the page for an event: what the store takes for one, and garbage. */
const eventBytes = 4096
/** Rounds of events until memory that grows is a leak. */
const roundsMax = 4
/** Requests for rows after each summary: those in sight, and again if the list is longer. */
const requestsMax = 3

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

  async function send(perSecond: number): Promise<void> {
    await agent.send(perSecond, seconds)
    const all = `${agent.sent} of ${agent.sent} shown`
    await console.page.getByRole('status').filter({ hasText: all }).waitFor()
  }

  it('does not give the page more to do than few events do', async () => {
    // Its CPU time depends on what it does, not on what else the machine does.
    const start = await console.pageThreadTime()
    await send(slowRate)
    const afterFew = await console.pageThreadTime()
    await send(rate)
    const [few, many] = [afterFew - start, (await console.pageThreadTime()) - afterFew]
    // Ten times as many; what a busy machine adds to either is far less.
    assert.ok(many < 4 * few, `${many} ms of work, and ${few} ms with few events`)
  })

  it('has all events, within bounds of memory', async () => {
    // The events before have made the page and tetra as large as code and caches need.
    const before = { page: await console.pageMemory(), server: console.serverMemory() }
    const [sent, sentBytes] = [agent.sent, agent.sentBytes]
    await send(rate)
    assert.equal(agent.sent - sent, rate * seconds)
    const grown = (await console.pageMemory()) - before.page
    assert.ok(grown < (agent.sent - sent) * eventBytes, `the page has grown by ${grown} bytes`)
    // If tetra kept events, each round would take more than their bytes; garbage that it has not
    // collected yet is in the first ones only.
    const rounds = [
      { kept: console.serverMemory() - before.server, bytes: agent.sentBytes - sentBytes },
    ]
    const isKept = () => rounds.every(({ kept, bytes }) => kept >= bytes)
    while (isKept() && rounds.length < roundsMax) {
      const [memory, bytes] = [console.serverMemory(), agent.sentBytes]
      await send(rate)
      rounds.push({ kept: console.serverMemory() - memory, bytes: agent.sentBytes - bytes })
    }
    assert.ok(!isKept(), `tetra has grown in each round: ${JSON.stringify(rounds)}`)
  })

  it('asks for rows after each summary, not after each event, and always shows the last ones', async () => {
    await console.page.evaluate(recordConversation)
    await console.page.evaluate(recordListFrames)
    await send(rate)
    const { total, empty, changed } = await console.page.evaluate<ListFrames>(takeListFrames)
    assert.equal(empty, 0, `${empty} of ${total} frames without rows`)
    assert.ok(changed > 1)
    const { requests, summaries } = await console.page.evaluate<Conversation>(takeConversation)
    assert.ok(summaries > 0 && requests > 0)
    assert.ok(requests <= requestsMax * (summaries + 1), `${requests} for ${summaries} summaries`)
  })

  it('answers while events arrive', async () => {
    const { page } = console
    const sending = agent.send(rate, seconds)
    const found = page.getByRole('status').filter({ hasText: / 3 of \d+ shown/ })
    await page.getByRole('combobox', { name: 'Filter' }).fill('/path/9999')
    await found.waitFor()
    await page.locator('.row').first().click()
    await page.locator('.lineage li').first().waitFor()
    await sending
  })
})
