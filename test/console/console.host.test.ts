import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { AgentInConsole } from './agent-in-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** A policy that every machine can run. */
const policyText = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: file-names}
spec:
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    args: [{index: 4}]
    selectors:
    - matchArgs: [{index: 4, operator: Equal, values: ["170"]}]
`

let own: AgentInConsole
before(async () => {
  own = await AgentInConsole.start('--allow-changes')
})
after(() => own?.[Symbol.asyncDispose]())

describe('the console', () => {
  it('shows events as they happen', async () => {
    // Other processes of the machine have events, too.
    await own.filter('first-program')
    own.run('first-program')
    assert.match(await own.console.row('first-program --one'), /🚀 process .*first-program --one/u)
    assert.match((await own.page.getByRole('status').textContent()) ?? '', /events\/s/)
  })

  it('removes the token and the key from its address', () => {
    assert.doesNotMatch(own.page.url(), /token|key|#/)
  })

  it('finds how a process came to be, by typing', async () => {
    own.run('wanted-program')
    await own.filter('binary:*/wanted-program kind:exec')
    await own.page.locator('.row', { hasText: 'wanted-program --one' }).click()
    await own.page.locator('.lineage li', { hasText: 'wanted-program' }).last().waitFor()
    const lineage = await own.page.locator('.lineage li').allTextContents()
    assert.match(lineage.at(-1) ?? '', /wanted-program --one.*pid \d+, as (root|uid 0)/)
    assert.match(lineage.at(-2) ?? '', /\/bin\/sh -c/)
    assert.match(lineage.at(-3) ?? '', /node/)
    const json = (await own.page.locator('pre').textContent()) ?? ''
    assert.match(JSON.parse(json).process_exec.process.binary, /wanted-program$/)
    assert.match(own.page.url(), /\?filter=/)
    await own.page.getByRole('button', { name: 'Close (Esc)' }).click()
    await own.follow()
  })

  it('narrows the list to what an event has', async () => {
    await own.filter('wanted-program')
    await own.page.locator('.row').first().click()
    await own.page.getByRole('button', { name: 'not this kind' }).first().click()
    assert.match(await own.filterField.inputValue(), / -kind:=process_\w+$/)
    await own.page.keyboard.press('Escape')
    await own.filter('')
    await own.follow()
  })

  it('pauses without losing events', async () => {
    await own.filter('while-paused')
    await own.page.locator('body').press('p')
    const before = await own.keptEvents()
    own.run('while-paused')
    await waitUntil(async () => (await own.keptEvents()) >= before + 2)
    assert.ok((await own.console.rows()).every((row) => !row.includes('while-paused')))
    await own.page.locator('body').press('p')
    await own.console.row('while-paused')
    await own.filter('')
  })

  it('can be used with keys only', async () => {
    const { page } = own
    await page.locator('body').press('/')
    await page.keyboard.type('wanted-program')
    await page.keyboard.press('Escape')
    await own.console.row('wanted-program --one')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.locator('[aria-selected=true]').waitFor()
    await page.locator('.lineage').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('body').press('p')
    await page.getByRole('button', { name: 'Pause (p)' }).waitFor()
    await own.filter('')
  })

  it('shows hostile names as text', async () => {
    const name = '<img src=x onerror=alert(1)>\u202egnp\n\u0007'
    own.run(name)
    await own.filter('alert')
    const row = await own.console.row('onerror')
    assert.match(row, /<img src=x onerror=alert\(1\)>/)
    assert.match(row, /\\u202egnp\\n\\a/)
    assert.ok(![...row].some((character) => character === '\u202e' || character < ' '))
    assert.equal(await own.page.locator('img').count(), 0)
    await own.filter('')
  })

  it('shows processes below those that started them', async () => {
    await own.openView('Processes')
    await own.filter('wanted-program')
    const rows = await own.page.locator('.row', { hasText: 'wanted-program --one' })
    assert.match((await rows.first().textContent()) ?? '', /exit 0/)
    await rows.first().click()
    await own.page.locator('.lineage li').first().waitFor()
    assert.match(own.page.url(), /\/processes\?filter=wanted-program&id=/)
  })

  it('opens the same view by a link', async () => {
    const other = await own.page.context().newPage()
    await other.goto(own.page.url())
    assert.equal(await other.getByRole('combobox').inputValue(), 'wanted-program')
    await other.getByRole('status').filter({ hasText: 'events/s' }).waitFor()
    await other.close()
  })

  it('shows policies, and what is wrong with them', async () => {
    await own.openView('Policies')
    await own.page.getByText('No policies').waitFor()
    own.addPolicy(policyText)
    const { page } = own
    await page.getByRole('button', { name: 'file-names' }).click()
    const detail = page.getByRole('region', { name: 'Policy' })
    await detail.getByText('tracepoints:', { exact: false }).first().waitFor()
    await detail.getByText('enabled, monitor only').waitFor()
  })

  it('changes policies, if that is allowed', async () => {
    const { page } = own
    page.once('dialog', (dialog) => dialog.accept())
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No policies').waitFor()
  })

  it('survives the end of the agent, and shows it', async () => {
    await own.openView('Events')
    await own.stopAgent()
    await own.page.getByText('no events:').waitFor()
    await own.removeAgent()
    await own.startAgent()
    await own.connected()
    await own.filter('after-the-restart')
    own.run('after-the-restart')
    await own.console.row('after-the-restart')
  })

  it('has no barriers for its users, in light and in dark colours', async () => {
    for (const view of ['Events', 'Processes', 'Policies']) {
      await own.openView(view)
      assert.deepEqual(await own.barriers(), [], view)
    }
  })

  it('has done nothing that its own rules forbid', () => {
    // The agent was gone for a while.
    const expected = /status of 502/
    const unexpected = own.console.problems.filter((text) => !expected.test(text))
    assert.deepEqual(unexpected, [])
  })
})
