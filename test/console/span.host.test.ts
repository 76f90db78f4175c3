import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { AgentInConsole } from './agent-in-console.ts'
import { forbid, limited } from './example-policies.ts'
import { TimeLine } from './time-line.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** A policy that the events of the agent itself can decide: starts of a program. */
function startsOf(path: string): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: starts}
spec:
  lsmhooks:
    - hook: bprm_check_security
      args: [{index: 0, type: linux_binprm}]
      selectors:
        - matchArgs: [{index: 0, operator: Postfix, values: ["${path}"]}]
`
}

let own: AgentInConsole
/** Files that must not be opened. */
let [early, late] = ['', '']
/** A moment between the events of both, in milliseconds since 1970. */
let middle = 0
/** Just before the second operation was stopped. */
let second: number
before(async () => {
  own = await AgentInConsole.start()
  early = join(own.folder, 'early')
  late = join(own.folder, 'late')
  for (const path of [early, late]) writeFileSync(path, 'text')
})
after(() => own?.[Symbol.asyncDispose]())

const timeLine = () => new TimeLine(own.page)

function isRefused(path: string): void {
  assert.throws(() => readFileSync(path), { code: 'EPERM' })
}

function stopped(page = own.page) {
  return page.getByRole('region', { name: 'Stopped', exact: true })
}

/** Waits for the number of stopped operations. */
async function stoppedIs(count: number, page = own.page): Promise<void> {
  await stopped(page)
    .getByRole('heading', { name: `Stopped: ${count}`, exact: true })
    .waitFor()
}

/** The address of a view with a span that lasts from now on. */
function fromNowOn(path: string): string {
  const [from, to] = [Date.now(), Date.now() + 3_600_000].map((time) =>
    new Date(time).toISOString(),
  )
  return new URL(`${path}?${new URLSearchParams({ from, to })}`, own.page.url()).href
}

describe('a selected span', () => {
  it('limits what was stopped to that span', async () => {
    own.addPolicy(forbid('no-early', early, 'enforce'))
    own.addPolicy(forbid('no-late', late, 'enforce'))
    await own.openView('Enforcement')
    isRefused(early)
    own.run('tried-program')
    await stoppedIs(1)
    const first = Date.now()
    // A bar takes at most a few seconds here: later events have other bars.
    await waitUntil(() => Date.now() >= first + 5000)
    second = Date.now()
    middle = (first + second) / 2
    isRefused(late)
    for (let i = 0; i < 2; i++) own.run('tried-program')
    await stoppedIs(2)
    await timeLine().reaches(second)
    await timeLine().selectFrom(middle)
    await stoppedIs(1)
    await own.page.getByText('Counted in the kept events of the selected span.').waitFor()
    assert.equal(await stopped().getByRole('button', { name: 'no-late' }).count(), 1)
    assert.equal(await stopped().getByRole('button', { name: 'no-early' }).count(), 0)
    assert.deepEqual(await own.barriers(), [])
  })

  it('limits the overview to that span, and shows what is new in it', async () => {
    await own.openView('Overview')
    const files = own.page.getByRole('region', { name: 'Files' })
    await files.getByRole('listitem').filter({ hasText: late }).getByText('new').waitFor()
    assert.equal(await files.getByText(early, { exact: true }).count(), 0)
    assert.deepEqual(await own.barriers(), [])
    await own.openView('Enforcement')
    await stoppedIs(1)
  })

  it('is that of the events of a group', async () => {
    await own.page.getByRole('button', { name: 'no-late' }).click()
    await own.console.row('security_file_open')
    // The time line may have grown while the mouse was moved: the span begins a little later then.
    assert.ok(timeLine().span.from <= second)
    assert.equal((await own.console.rows()).length, 1)
    await own.page.goBack()
    await stoppedIs(1)
    await timeLine().showAll.click()
    await stoppedIs(2)
    await own.page.getByText('Counted since').waitFor()
  })

  it('counts what is stopped later, too', async () => {
    const other = await own.page.context().newPage()
    await other.goto(fromNowOn('/enforcement'))
    await other.getByText('Nothing was stopped in the selected span').waitFor()
    await other.getByRole('status').filter({ hasText: 'events/s' }).waitFor()
    isRefused(late)
    await stoppedIs(1, other)
    await other.close()
  })
})

describe('policies with a selected span', () => {
  it('show their events in it, apart from the counters of the agent', async () => {
    await own.openView('Policies')
    const row = (name: string) => own.page.getByRole('row', { name: new RegExp(`^${name}`) })
    await row('no-early').waitFor()
    const heads = () => own.page.getByRole('columnheader').allTextContents()
    assert.ok((await heads()).every((text) => !text.includes('span')))
    await timeLine().selectFrom(middle)
    await row('no-early').getByRole('cell', { name: '0', exact: true }).waitFor()
    await row('no-late')
      .getByRole('cell', { name: /^\d+ Override done \d+$/ })
      .waitFor()
    assert.deepEqual((await heads()).slice(3, 5), ['Events in the span', 'Done since loaded'])
    await own.page.getByRole('button', { name: 'no-late' }).click()
    const detail = own.page.getByRole('region', { name: 'Policy' })
    await detail.getByText(/^Kept events: \d+ Override done/).waitFor()
    assert.deepEqual(await own.barriers(), [])
    await detail.getByRole('button', { name: 'show them' }).click()
    await own.console.row('security_file_open')
    assert.match(await own.filterField.inputValue(), /^policy:=no-late$/)
    await own.filter('')
  })

  it('are tried on the events of the span', async () => {
    await own.openView('Policies')
    await own.page.locator('body').press('n')
    await own.page.getByRole('textbox', { name: 'Policy' }).focus()
    await own.page.keyboard.press('Control+a')
    await own.page.keyboard.insertText(startsOf('/tried-program'))
    await own.page.getByText('The policy is right.').waitFor()
    await own.page.getByRole('button', { name: 'Dry run' }).click()
    const report = own.page.getByRole('region', { name: 'Dry run' }).getByRole('status')
    await report.filter({ hasText: /^2 of \d+ kept events of the selected span \(.* – / }).waitFor()
    await timeLine().showAll.click()
    await report.filter({ hasText: /^3 of \d+ kept events would match$/ }).waitFor()
    assert.deepEqual(await own.barriers(), [])
    own.page.once('dialog', (dialog) => dialog.accept())
    await own.page.getByRole('button', { name: 'Close the editor' }).click()
  })
})

describe('the health with a selected span', () => {
  const table = (page = own.page) => page.getByRole('table').first()

  /** The cell of the agent below a head. */
  async function cell(head: string, page = own.page) {
    const heads = await table(page).getByRole('columnheader').allTextContents()
    return table(page).getByRole('row').last().getByRole('cell').nth(heads.indexOf(head))
  }

  it('shows events and losses of the span', async () => {
    await own.openView('Health')
    own.addPolicy(limited)
    const start = Date.now()
    for (const name of ['one', 'two', 'three']) own.run(name)
    await (await cell('Since page opened')).filter({ hasText: /^\+[1-9]/ }).waitFor()
    await timeLine().reaches(start)
    await timeLine().selectFrom(middle)
    await (await cell('Events in the span')).filter({ hasText: /^[1-9]/ }).waitFor()
    await (await cell('Lost in the span')).filter({ hasText: /^[1-9]/ }).waitFor()
    await own.page.getByText('Everything else has no history').waitFor()
    await table().getByRole('button').click()
    const detail = own.page.getByRole('region', { name: 'Agent' })
    await detail.getByRole('heading', { name: 'Lost in the selected span' }).waitFor()
    await detail.getByText(/The page looks at losses .* \d\d:\d\d:\d\d.* – /).waitFor()
    assert.deepEqual(await own.barriers(), [])
  })

  it('says that it has no history of a span before the page', async () => {
    const other = await own.page.context().newPage()
    const old = '/health?from=2020-01-01T00:00:00.000Z&to=2020-01-01T01:00:00.000Z'
    await other.goto(new URL(old, own.page.url()).href)
    await table(other).getByRole('row').nth(1).waitFor()
    await (await cell('Lost in the span', other)).filter({ hasText: 'no history' }).waitFor()
    await (await cell('Events in the span', other)).filter({ hasText: /^0$/ }).waitFor()
    await other.close()
    assert.deepEqual(own.console.problems, [])
  })
})
