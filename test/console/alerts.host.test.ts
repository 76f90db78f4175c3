import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { compileRules, linkRules, readRules } from '@tetragon-ts/rules'
import { barriersOf } from './barriers.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

const folder = mkdtempSync(join(tmpdir(), 'tetra-alerts-'))
const parent = { exec_id: 'sh', binary: '/bin/sh' }

/** A start of a program that a rule matches, at a second. */
function found(second: number, title: string, level: string): object {
  const process = { exec_id: `e${second}`, pid: second, binary: '/usr/bin/nc', arguments: '-e' }
  return {
    process_exec: { process, parent },
    time: new Date(Date.parse('2026-07-31T12:00:00Z') + second * 1000).toISOString(),
    findings: [{ rule: title, title, level }],
  }
}

const events = [
  found(1, 'Netcat', 'low'),
  found(2, 'Reverse shell', 'high'),
  found(3, 'Reverse shell', 'high'),
  found(4, '<img src=x onerror=alert(1)>\u202e', 'critical'),
  {
    process_kprobe: {
      ...{ process: { exec_id: 'p', binary: '/bin/mount' }, parent, policy_name: 'mounts' },
      ...{ function_name: 'security_sb_mount', message: 'Mount', tags: ['level.medium'] },
    },
    time: '2026-07-31T12:00:09Z',
  },
]

let console: OpenConsole
before(async () => {
  const file = join(folder, 'tetragon.log')
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  console = await OpenConsole.open('--log', file)
  await console.page.getByRole('link', { name: 'Alerts' }).click()
})
after(async () => {
  await console?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function pane(): ReturnType<OpenConsole['page']['getByRole']> {
  return console.page.getByRole('region', { name: 'Alert', exact: true })
}

describe('the alerts of the console', () => {
  it('are listed by level, with hostile titles as text', async () => {
    await console.row('Netcat')
    const rows = await console.rows()
    assert.equal(rows.length, 4)
    assert.match(rows[0], /^criticalnew<img src=x onerror=alert\(1\)>\\u202e/)
    assert.match(rows[1], /^highnewReverse shell\/usr\/bin\/nc ← \/bin\/sh.*12:00:03\.0002$/)
    assert.match(rows[2], /^mediumnewMount\/bin\/mount/)
    assert.match(rows[3], /^lownewNetcat/)
    assert.equal(await console.page.locator('img').count(), 0)
  })

  it('have no barriers for users', async () => {
    assert.deepEqual(await barriersOf(console.page), [])
  })

  it('are narrowed by the filter', async () => {
    const field = console.page.getByRole('combobox', { name: 'Filter' })
    await field.fill('level:medium -rule:shell -level:critical')
    await console.page.locator('.row', { hasText: 'Reverse' }).waitFor({ state: 'detached' })
    assert.match((await console.rows()).join(), /^medium/)
    await field.fill('')
    await field.press('Escape')
    await console.row('Netcat')
  })

  it('show their latest event, with keys and by a click', async () => {
    const { page } = console
    await page.getByRole('listbox', { name: 'Alerts' }).focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.locator('[aria-selected=true]', { hasText: 'Reverse shell' }).waitFor()
    await pane().getByText('"exec_id": "e3"').waitFor()
    await page.keyboard.press('Enter')
    assert.ok(await page.evaluate(`document.activeElement.matches('.detail .scroll')`))
    await page.keyboard.press('Escape')
    await page.locator('.row', { hasText: 'Mount' }).click()
    await pane().getByText('"function_name": "security_sb_mount"').waitFor()
  })

  it('are new, seen, and closed with a note, also after a reload', async () => {
    const { page } = console
    await page.locator('body').press('s')
    await page.locator('.row', { hasText: /^mediumseenMount/ }).waitFor()
    const typed = page.getByRole('textbox', { name: 'Note' })
    await typed.fill('<b>planned</b>\u202e')
    // The page asks for the alerts twice a second, and draws them again.
    await page.waitForTimeout(1200)
    assert.equal(await typed.inputValue(), '<b>planned</b>\u202e')
    await page.getByRole('button', { name: 'Close the alert' }).click()
    await page.locator('.row', { hasText: 'Mount' }).waitFor({ state: 'detached' })
    assert.deepEqual(await barriersOf(console.page), [])
    await page.reload()
    await console.row('Netcat')
    assert.equal((await console.rows()).length, 3)
    await page.getByRole('button', { name: 'Show closed (1)' }).click()
    await page.locator('.row', { hasText: /^mediumclosedMount/ }).click()
    const note = page.getByRole('textbox', { name: 'Note' })
    assert.equal(await note.inputValue(), '<b>planned</b>\u202e')
    assert.equal(await pane().locator('b').count(), 0)
    assert.match(page.url(), /closed=shown/)
  })

  it('have an exception that rules load, and that excepts them only', async () => {
    const { page } = console
    await page.locator('.row', { hasText: 'onerror' }).click()
    await page.getByText('Exception from this alert').click()
    const text = (await page.locator('.exception').textContent()) ?? ''
    const rule = `title: Netcat
name: ${JSON.stringify('<img src=x onerror=alert(1)>\u202e')}
logsource: {product: linux, category: process_creation}
detection: {program: {Image|endswith: nc}, condition: program}
`
    const { items, diagnostics } = readRules(`${rule}---\n${text}`, 'a.yml')
    assert.deepEqual(diagnostics, [])
    const rules = compileRules(linkRules(items))
    const parent = rules.facts({ binary: '/bin/sh' })
    for (const [binary, isExcepted] of [
      ['/usr/bin/nc', true],
      ['/usr/local/bin/nc', false],
    ] as const) {
      const [match] = rules.evaluate(
        'process_creation',
        { process: rules.facts({ binary }), parent },
        {},
      )
      assert.equal(match.suppressedBy !== undefined, isExcepted, binary)
    }
    assert.match(text, /^owner: your team\nexpires: \d{4}-\d\d-\d\d$/m)
  })

  it('are notified after a click only, if the browser permits it', async () => {
    const { page } = console
    await page.context().grantPermissions(['notifications'])
    await page.getByText('Notify', { exact: true }).click()
    assert.deepEqual(await barriersOf(console.page), [])
    await page.getByRole('button', { name: 'medium', exact: true }).click()
    await page.getByText('Notify: medium').waitFor()
    await page.getByRole('button', { name: 'off' }).click()
    await page.getByText('Notify', { exact: true }).waitFor()
  })

  it('have asked for nothing that is refused', () => {
    assert.deepEqual(console.problems, [])
  })
})
