import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { barriersOf } from './barriers.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

const folder = mkdtempSync(join(tmpdir(), 'tetra-report-'))
const start = Date.parse('2026-07-31T12:00:00Z')
/** Would be another row, an image that is loaded, HTML, and text in another direction. */
const hostile = '/tmp/x|`\n| ![a](http://a.example/x.png) <img src=x> \u202e'

function processOf(id: string, parent: string, binary: string): object {
  const pid = id.charCodeAt(0)
  return { exec_id: id, parent_exec_id: parent, pid, uid: 0, binary }
}

const shell = processOf('s', 'i', '/bin/sh')
const attacker = processOf('a', 's', hostile)

/** An event at a second. */
function at(second: number, event: object): object {
  return { ...event, node_name: 'node-1', time: new Date(start + second * 1000).toISOString() }
}

const events = [
  at(1, { process_exec: { process: shell } }),
  at(2, {
    process_exec: { process: attacker, parent: shell },
    findings: [{ rule: 'r', title: 'Found | <b>it</b>', level: 'high' }],
  }),
  at(3, {
    process_kprobe: {
      ...{ process: attacker, parent: shell, policy_name: 'files' },
      ...{ function_name: 'security_file_open', args: [{ file_arg: { path: '/etc/shadow' } }] },
      enforcement: [{ action: 'Override', means: 'lsm', done: true }],
    },
  }),
  at(4, { process_exec: { process: processOf('z', 'i', '/bin/other') } }),
]

let console: OpenConsole
before(async () => {
  const file = join(folder, 'tetragon.log')
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  console = await OpenConsole.open('--log', file)
  await console.page.getByText(', 4 of 4 shown').waitFor()
})
after(async () => {
  await console?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Opens the menu, and saves the report when it is ready. */
async function saved(): Promise<string> {
  const { page } = console
  await page.getByText('Report', { exact: true }).click()
  await page.getByText(/^ready: \d+ events$/).waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save report' }).click(),
  ])
  assert.match(download.suggestedFilename(), /^tetragon-report-[\dTZ-]+\.md$/)
  const text = readFileSync(await download.path(), 'utf8')
  await page.keyboard.press('Escape')
  return text
}

/** Rows of the table below a heading, as their numbers of cells. */
function rowsBelow(text: string, heading: string): string[] {
  const [, after = ''] = text.split(`\n## ${heading}\n`)
  return after
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
}

/** Everything outside of code spans and blocks. */
function ownText(text: string): string {
  return text
    .replaceAll(/^```\n[\s\S]*?\n```$/gm, '')
    .replaceAll(/(`+)[^`](?:[\s\S]*?[^`])?\1(?!`)/g, '')
}

describe('reports of the console', () => {
  it('have the events of the list, and the chosen one', async () => {
    const { page } = console
    await page.getByRole('combobox', { name: 'Filter' }).fill('-binary:other')
    await page.getByText(', 3 of 4 shown').waitFor()
    await page
      .locator('.row', { hasText: 'security_file_open' })
      .or(page.locator('.row', { hasText: '/etc/shadow' }))
      .first()
      .click()
    await page.getByRole('region', { name: 'Event' }).locator('.sentence').waitFor()
    const text = await saved()
    assert.match(text, /^# Report of events\n/)
    assert.match(text, /^- Filter: `-binary:other`$/m)
    assert.match(text, /^- Condition: not: binary contains `other`$/m)
    assert.match(text, /^- Nodes: `node-1` \(3\)$/m)
    assert.match(text, /## Event\n\n.*\/etc\/shadow.* it was stopped by policy files/)
    assert.match(text, /## Process\n\n(- .*\n)*- `\/bin\/sh`, pid 115/)
    assert.equal(rowsBelow(text, 'Time line').length, 3)
    assert.equal(rowsBelow(text, 'Alerts').length, 1)
    assert.match(rowsBelow(text, 'Stopped operations').join(), /^\| stopped \| `files`/)
    assert.doesNotMatch(ownText(text), /[<>[\]!*_\\]/)
    assert.doesNotMatch(text, /\u202e/)
  })

  it('have the tree of a process, by keys only', async () => {
    const { page } = console
    await page.keyboard.press('Escape')
    await page.locator('h1').click()
    await page.keyboard.press('3')
    await page.locator('.row', { hasText: '/tmp/x' }).click()
    const menu = page.locator('.menu summary', { hasText: 'Report' })
    await menu.focus()
    await page.keyboard.press('Enter')
    await page.getByText('ready: 2 events').waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.keyboard.press('Tab')
    const download = page.waitForEvent('download')
    await page.keyboard.press('Enter')
    const text = readFileSync(await (await download).path(), 'utf8')
    assert.match(text, /^# Report of a process\n/)
    assert.match(text, /^- Condition: the process with exec id `a`, or one below it$/m)
    assert.equal(rowsBelow(text, 'Time line').length, 2)
    await page.keyboard.press('Escape')
    assert.equal(await menu.evaluate('document.activeElement.textContent'), 'Report')
  })

  it('have an alert with its state and note, and can be copied', async () => {
    const { page } = console
    await page.getByRole('link', { name: 'Alerts' }).click()
    await page.locator('.row', { hasText: 'Found' }).click()
    await page.getByRole('textbox', { name: 'Note' }).fill('asked\n```\n<i>Ada</i> | ok')
    await page.getByRole('button', { name: 'Seen (s)' }).click()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByText('Report', { exact: true }).click()
    await page.getByText('ready: 2 events').waitFor()
    await page.getByRole('button', { name: 'Copy report' }).click()
    await page.getByText('copied', { exact: true }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    const text = (await page.evaluate('navigator.clipboard.readText()')) as string
    assert.match(text, /^# Report of an alert\n/)
    assert.match(
      rowsBelow(text, 'Alerts').join(),
      /^\| 1 \| high \| seen \| `Found \\\| <b>it<\/b>` \|/,
    )
    assert.match(text, /\nNote on alert 1:\n\n````\nasked\n```\n<i>Ada<\/i> \| ok\n````\n/)
    assert.match(text, /## Missing from this report\n\n- nothing, as far as the page knows\n$/)
  })

  it('have asked for nothing that is refused', () => {
    assert.deepEqual(console.problems, [])
  })
})
