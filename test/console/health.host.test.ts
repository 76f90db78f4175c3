import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { AgentInConsole } from './agent-in-console.ts'
import { forbid, limited } from './example-policies.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

let own: AgentInConsole
/** A file that must not be opened, and one that a policy only watches. */
let [secret, watched] = ['', '']
before(async () => {
  own = await AgentInConsole.start()
  secret = join(own.folder, 'secret')
  watched = join(own.folder, 'watched')
  for (const path of [secret, watched]) writeFileSync(path, 'text')
})
after(() => own?.[Symbol.asyncDispose]())

/** Opens a file, several times. */
function open(path: string, times: number): void {
  for (let i = 0; i < times; i++) {
    try {
      readFileSync(path)
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EPERM')
    }
  }
}

/** The number of refusals in rows of the list, each of one or of a group. */
function refusalsOf(rows: readonly string[]): number {
  return rows.reduce((sum, row) => sum + Number(/×(\d+)$/.exec(row)?.[1] ?? 1), 0)
}

/** Waits until an element has a text. */
async function waitForText(
  element: ReturnType<AgentInConsole['page']['getByRole']>,
  text: RegExp,
): Promise<void> {
  await element.filter({ hasText: text }).first().waitFor()
}

/** An event in the stream to the page. */
function frame(event: object): Buffer {
  const bytes = codecOf(GetEventsResponse).encode(event)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

describe('the view of what was stopped', () => {
  it('says what to do while nothing was', async () => {
    await own.openView('Enforcement')
    await own.page.getByText('Nothing was stopped: add a policy').waitFor()
  })

  it('shows refusals in groups, with their numbers, means and programs', async () => {
    own.addPolicy(forbid('no-secret', secret, 'enforce'))
    assert.throws(() => readFileSync(secret), { code: 'EPERM' })
    open(secret, 6)
    const stopped = own.page.getByRole('region', { name: 'Stopped', exact: true })
    // Equal refusals follow the first one as one event with their number.
    await waitForText(stopped.getByRole('heading'), /^Stopped: 7$/)
    const row = stopped.getByRole('row', { name: /no-secret/ })
    assert.equal(await row.count(), 1)
    const text = (await row.textContent()) ?? ''
    assert.match(text, /security_file_open.*Override.*fanotify \(only named files of the host\)/)
    assert.match(text, /node/)
    assert.match((await own.page.getByText('Counted since').textContent()) ?? '', /\d\d:\d\d:\d\d/)
  })

  it('shows apart what would have been stopped', async () => {
    own.addPolicy(forbid('watches', watched, 'monitor'))
    assert.equal(readFileSync(watched, 'utf8'), 'text')
    const monitored = own.page.getByRole('region', { name: 'Would have been stopped' })
    await waitForText(monitored.getByRole('heading'), /^Would have been stopped: 1$/)
    assert.match((await monitored.getByRole('row').last().textContent()) ?? '', /^watches/)
    const stopped = own.page.getByRole('region', { name: 'Stopped', exact: true })
    assert.equal(await stopped.getByText('watches').count(), 0)
  })

  it('opens the events of a group, with keys only', async () => {
    const { page } = own
    await page.getByRole('button', { name: 'no-secret' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('listbox', { name: 'Events' }).waitFor()
    assert.match(
      await own.filterField.inputValue(),
      /policy:=no-secret hook:=security_file_open action:"=Override done"/,
    )
    // A group ends with its second: those of seven refusals are two rows or a few more.
    await waitUntil(async () => refusalsOf(await own.console.rows()) === 7)
    assert.match(await own.console.row('×'), /security_file_open .*×[2-6]$/)
    await page.goBack()
    await page.getByRole('region', { name: 'Would have been stopped' }).waitFor()
  })

  it('has no barriers for its users', async () => {
    assert.deepEqual(await own.barriers(), [])
  })
})

describe('the view of the health', () => {
  const table = () => own.page.getByRole('table').first()

  it('shows the agent, its version and the memory of its policies', async () => {
    await own.openView('Health')
    const row = table().getByRole('row').last()
    await waitForText(row, /running.*v?\d+\.\d+.*KiB|MiB/)
    const heads = await table().getByRole('columnheader').allTextContents()
    const cells = await row.getByRole('cell').allTextContents()
    assert.match(cells[heads.indexOf('Uptime')], /^\d+ (s|min \d+ s)$/)
    assert.match(cells[heads.indexOf('Fullest queue')], /^\d+ % \w/)
    await own.page.getByText(/^This page: \d+ events kept/).waitFor()
  })

  it('shows what it reports in detail, with words for each kind of loss', async () => {
    const { page } = own
    await table().getByRole('button').focus()
    await page.keyboard.press('Enter')
    const detail = page.getByRole('region', { name: 'Agent' })
    await detail.getByRole('heading', { name: 'Lost since the start of the agent' }).waitFor()
    await detail.getByText('no-secret').waitFor()
    await detail.getByText(/^\d\d:\d\d:\d\d\.\d+, \d+ (s|min .*) ago$/).waitFor()
    for (const queue of ['ring buffer of the kernel', 'gRPC server', 'slowest client']) {
      await detail.getByRole('row', { name: new RegExp(`^${queue} \\d+ % `) }).waitFor()
    }
    await detail.getByText('Kinds without losses').focus()
    await page.keyboard.press('Enter')
    await detail.getByText('kernel: hook events without room in the ring').waitFor()
    assert.equal(await detail.getByText('unknown to this page').count(), 0)
    assert.equal(await detail.getByText('Not reported').count(), 0)
    assert.match(page.url(), /\/health\?id=agent$/)
  })

  it('has no barriers for its users', async () => {
    assert.deepEqual(await own.barriers(), [])
  })

  it('highlights losses that grow', async () => {
    own.addPolicy(limited)
    const row = table().getByRole('row').last()
    // The policy posts the first start of a program, and holds back the others.
    for (const name of ['one', 'two', 'three']) own.run(name)
    const grown = row.locator('td.missing')
    await waitForText(grown, /^\+[1-9]/)
    const detail = own.page.getByRole('region', { name: 'Agent' })
    const loss = detail.getByRole('row', { name: /^rate_limited kernel events held back/ })
    assert.match((await loss.textContent()) ?? '', /\(\+\d+ since the page was opened\)$/)
    assert.deepEqual(await own.barriers(), [])
  })

  it('shows the end of the agent with the reason, and its return', async () => {
    await own.stopAgent()
    const row = table().getByRole('row').last()
    await waitForText(row, /missing since \d\d:\d\d:\d\d.*connect to unix:/)
    assert.deepEqual(await own.barriers(), [])
    await own.removeAgent()
    await own.startAgent()
    await waitForText(row, /running since \d\d:\d\d:\d\d/)
    await own.page.keyboard.press('Escape')
    await own.page.getByRole('region', { name: 'Agent' }).waitFor({ state: 'detached' })
  })

  it('keeps what was counted before', async () => {
    await own.openView('Enforcement')
    await own.page.getByRole('heading', { name: 'Stopped: 7', exact: true }).waitFor()
  })

  // The kernel of this machine refuses no signal, so the page gets an event that says it did.
  it('alarms about actions that failed, and shows what is not reported', async () => {
    const process = {
      pid: 7,
      binary: '/bin/<b>\u202e',
      pod: { namespace: 'default', name: 'xwing' },
    }
    const hit = { process, policy_name: 'kills', function_name: 'security_file_open' }
    const failed = [{ action: 'Sigkill', means: 'signal', signal: 9, failed: true }]
    const frames = [
      { process_kprobe: { ...hit, enforcement: failed }, aggregation_info: { count: 12 } },
      { process_lsm: { ...hit, policy_name: 'of-original', action: 'KPROBE_ACTION_OVERRIDE' } },
    ].map(frame)
    let isFirst = true
    await own.page.route('**/api/events', async (route) => {
      // Later requests have no answer: the events must not be counted again.
      if (isFirst) await route.fulfill({ body: Buffer.concat(frames) })
      isFirst = false
    })
    await own.page.reload()
    const alarm = own.page.getByRole('region', { name: 'Failed' })
    await alarm.getByRole('heading', { name: 'Failed: 12', exact: true }).waitFor()
    assert.match((await alarm.getByRole('alert').textContent()) ?? '', /were not stopped/)
    const row = (await alarm.getByRole('row').last().textContent()) ?? ''
    assert.match(row, /kills.*Sigkill.*signal.*12 in 1 event.*<b>\\u202e.*default\/xwing/)
    const unreported = own.page.getByRole('region', { name: 'Outcome not reported' })
    assert.match((await unreported.textContent()) ?? '', /of-original.*Override.*not reported/)
    assert.deepEqual(await own.barriers(), [])
  })

  it('has done nothing that its own rules forbid', () => {
    // The agent was gone for a while.
    const expected = /status of 502/
    const unexpected = own.console.problems.filter((text) => !expected.test(text))
    assert.deepEqual(unexpected, [])
  })
})
