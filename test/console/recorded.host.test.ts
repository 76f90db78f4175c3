import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { OpenConsole } from './open-console.ts'
import { originalEvents } from './original-events.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

/** Events of a large file: more than the page is sent in one go. */
const manyCount = 30_000

const folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
const lines = (events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('')

/** A start of a program that two detection rules match. */
const found = {
  process_exec: { process: { exec_id: 'found', binary: '/usr/bin/nc', arguments: '-e /bin/sh' } },
  time: '2026-07-31T12:00:00Z',
  findings: [
    { rule: 'low-rule', title: 'Netcat', level: 'low' },
    {
      title: 'Reverse shell',
      level: 'high',
      techniques: ['T1059.004'],
      fields: [{ field: 'CommandLine', value: '-e /bin/sh \u001b[2J' }],
      repeated: '3',
    },
  ],
}

let console: OpenConsole
before(async () => {
  const [old, recent] = [join(folder, 'tetragon-old.log.gz'), join(folder, 'tetragon.log')]
  const many = Array.from({ length: manyCount }, (_, i) => ({
    process_exec: { process: { exec_id: `${i}`, binary: `/bin/many-${i}`, pid: 2000 + i } },
    time: new Date(Date.parse('2026-07-31T00:00:00Z') + i).toISOString(),
  }))
  writeFileSync(old, gzipSync(lines(many)))
  writeFileSync(
    recent,
    `${lines([found, ...originalEvents])}{"process_exec": broken\n{"process_exec":{"pro`,
  )
  console = await OpenConsole.open('--log', recent, old)
})
after(async () => {
  await console?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function filter(text: string): Promise<void> {
  await console.page.getByRole('combobox', { name: 'Filter' }).fill(text)
}

describe('a console of recorded files', () => {
  it('shows all events of all files, and what could not be read', async () => {
    const status = console.page.getByRole('status').filter({ hasText: 'recorded:' })
    const text = (await status.textContent()) ?? ''
    assert.match(
      text,
      /recorded: 30,008 events of 2 files, skipped 1 broken line .*, line 9: parse event/,
    )
    assert.match(text, /cut off: 1 file \(.*tetragon\.log, in line 10\)/)
    assert.match(text, /30008 of 30008 shown/)
  })

  it('shows the events of the files that are the latest at the end', async () => {
    assert.match(await console.row('exit'), /💥 exit +default\/xwing \/usr\/bin\/curl/u)
  })

  it('shows dates while the list has several days, and with a span of one day only its own', async () => {
    const dated = /^2026-08-01 \d\d:\d\d:\d\d\.\d{3}.*exit/u
    await console.page.locator('.row', { hasText: dated }).first().waitFor()
    const legend = console.page.locator('.legend')
    await legend.filter({ hasText: /^2026-07-3\d \S+ – 2026-08-01 \S/ }).waitFor()
    const other = await console.page.context().newPage()
    const day = '/events?from=2026-08-01T00:00:00.000Z&to=2026-08-01T23:00:00.000Z'
    await other.goto(new URL(day, console.page.url()).href)
    const row = other.locator('.row', { hasText: 'exit' }).first()
    await row.filter({ hasText: /^\d\d:\d\d:\d\d\.\d{3}/ }).waitFor()
    await other.locator('.legend', { hasText: /^2026-08-01 00:00:00\.000 – 23:00/ }).waitFor()
    await other.close()
  })

  it('shows findings, and finds events by their level and rule', async () => {
    const { page } = console
    const row = page.locator('.row', { hasText: '🚨 high Netcat; Reverse shell' })
    for (const text of ['level:medium', 'rule:*shell', 'level:=high', '"reverse shell"']) {
      await filter(text)
      await row.filter({ hasText: '/usr/bin/nc -e /bin/sh' }).waitFor()
      await page.getByRole('status').filter({ hasText: ', 1 of 30008 shown' }).waitFor()
    }
    await filter('level:critical')
    await row.waitFor({ state: 'detached' })
    await filter('level:low')
    await row.click()
    const findings = page.getByRole('list', { name: 'Findings' }).getByRole('listitem')
    await findings.nth(1).waitFor()
    const [first, second] = await findings.allTextContents()
    assert.match(first, /^high Reverse shell T1059\.004, and 3 more since the last one/)
    assert.match(first, /CommandLine -e \/bin\/sh \\x1b\[2J$/)
    assert.match(second, /^low Netcat/)
    await page.keyboard.press('Escape')
  })

  it('describes an event in a sentence', async () => {
    await filter('104.198.14.52')
    await console.page.locator('.row', { hasText: 'connect' }).click()
    const sentence = await console.page.locator('.sentence').textContent()
    assert.match(
      sentence ?? '',
      /^curl, started by bash in default\/xwing, connected to 104\.198\.14\.52:443 as uid 0\.$/,
    )
    await console.page.keyboard.press('Escape')
  })

  it('leads from numbers of the overview to their events', async () => {
    const { page } = console
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('region', { name: 'Findings' }).getByText('Reverse shell').waitFor()
    await page.getByRole('region', { name: 'Addresses' }).getByText('104.198.14.52:443').click()
    await page.getByRole('status').filter({ hasText: ' 1 of 30008 shown' }).waitFor()
    assert.match(await console.row('connect'), /\/usr\/bin\/curl/)
    // Names that occurred in the last minutes only.
    await page.goBack()
    const programs = page.getByRole('region', { name: 'Programs' })
    await programs
      .getByRole('listitem')
      .filter({ hasText: '/usr/bin/curl' })
      .getByText('new')
      .waitFor()
    await programs.getByText(/^and (29,9|30,0)\d\d more$/).waitFor()
    await page.getByRole('link', { name: 'Events' }).click()
  })

  it('finds a connection, and the process that started the one that made it', async () => {
    await filter('104.198.14.52')
    await console.page.locator('.row', { hasText: 'connect' }).click()
    const own = console.page.locator('.lineage li', {
      hasText: 'curl https://ebpf.io/applications',
    })
    await own.last().waitFor()
    const lineage = await console.page.locator('.lineage li').allTextContents()
    assert.match(lineage.at(-1) ?? '', /curl https:\/\/ebpf\.io\/applications/)
    assert.match(lineage.at(-2) ?? '', /\/bin\/bash/)
    await console.page.keyboard.press('Escape')
  })

  it('finds an event by the arguments of its hook, which its line shows, and by its container', async () => {
    for (const text of ['/etc/shadow kind:lsm', 'spaceship kind:lsm']) {
      await filter(text)
      await console.page.getByRole('status').filter({ hasText: ' 1 of 30008 shown' }).waitFor()
      assert.match(await console.row('file_open'), /\/usr\/bin\/curl file_open \/etc\/shadow/)
    }
  })

  it('has the events once after it was opened again', async () => {
    await console.page.reload()
    await console.page.getByRole('status').filter({ hasText: ' of 30008 shown' }).waitFor()
  })

  it('says that there are no policies without an agent', async () => {
    await console.page.getByRole('link', { name: 'Policies', exact: true }).click()
    await console.page.getByText('Recorded files have no agent').waitFor()
  })

  it('has asked for nothing that is refused', () => {
    assert.deepEqual(console.problems, [])
  })
})
