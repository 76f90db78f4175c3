import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { AgentInConsole } from './agent-in-console.ts'
import { TimeLine } from './time-line.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

let own: AgentInConsole
before(async () => {
  own = await AgentInConsole.start()
})
after(() => own?.[Symbol.asyncDispose]())

const timeLine = () => new TimeLine(own.page)
const showAll = () => timeLine().showAll
const span = () => timeLine().span

/** Milliseconds of the day of an event in the list. */
async function timeOf(row: string): Promise<number> {
  const element = own.page.locator('.row', { hasText: row }).first()
  const text = (await element.locator('time').textContent()) ?? ''
  return Date.parse(`1970-01-01T${text}Z`)
}

describe('the time line', () => {
  it('counts the kept events by kind', async () => {
    own.run('early-program')
    await own.filter('early-program kind:exec')
    await own.console.row('early-program --one')
    await own.page.locator('.legend', { hasText: /exec \d+.*exit \d+/ }).waitFor()
    assert.ok((await own.page.locator('.chart path').count()) > 1)
    const description = (await timeLine().chart.getAttribute('aria-describedby')) ?? ''
    const text = await own.page.locator(`[id="${description}"]`).textContent()
    assert.match(text ?? '', /\d\d:\d\d:\d\d.*exec \d+.*exit \d+/)
  })

  it('shows only the events of a span that the mouse selects', async () => {
    const early = await timeOf('early-program --one')
    const today = Date.now() - (Date.now() % 86_400_000)
    // A bar takes at most a few seconds here: later events have other bars.
    await waitUntil(() => Date.now() % 86_400_000 > early + 5000)
    own.run('late-program')
    await own.filter('"program --one" kind:exec')
    const late = await own.console.row('late-program --one').then(() => timeOf('late-program'))
    await timeLine().reaches(today + late)
    await timeLine().selectFrom(today + (early + late) / 2)
    await waitUntil(async () => (await own.console.rows()).every((row) => !row.includes('early')))
    await own.console.row('late-program --one')
    const { from, to } = span()
    assert.ok(from % 864e5 > early && from % 864e5 <= late && to % 864e5 > late)
  })

  it('shows the processes of the span, too', async () => {
    await own.openView('Processes')
    await own.filter('program')
    await own.page.locator('.row', { hasText: 'late-program' }).first().waitFor()
    await waitUntil(async () => (await own.console.rows()).every((row) => !row.includes('early')))
    await showAll().click()
    await own.page.locator('.row', { hasText: 'early-program' }).first().waitFor()
    assert.doesNotMatch(own.page.url(), /from=/)
    await own.filter('')
    await own.openView('Events')
  })

  it('can be used with keys', async () => {
    await timeLine().chart.focus()
    await own.page.keyboard.press('ArrowLeft')
    await showAll().waitFor()
    const first = span()
    await own.page.keyboard.press('ArrowLeft')
    await waitUntil(() => span().from < first.from)
    const moved = span()
    assert.equal(moved.to - moved.from, first.to - first.from)
    await own.page.keyboard.press('Shift+ArrowRight')
    await waitUntil(() => span().to > moved.to)
    assert.equal(span().from, moved.from)
    assert.match((await timeLine().chart.getAttribute('aria-valuetext')) ?? '', /^\d\d:.* – \d\d:/)
    await own.page.keyboard.press('Escape')
    await showAll().waitFor({ state: 'detached' })
    assert.equal(await timeLine().chart.getAttribute('aria-valuetext'), 'all times')
  })

  it('opens with the span of a link, and reports if nothing of it is kept', async () => {
    const other = await own.page.context().newPage()
    const link = new URL(
      '/events?from=2020-01-01T00:00:00.000Z&to=2020-01-01T01:00:00.000Z',
      own.page.url(),
    )
    await other.goto(link.href)
    await other.getByRole('status').filter({ hasText: 'events/s' }).waitFor()
    own.run('for-another-page')
    await other.getByText('this span is older than all events that are kept').waitFor()
    await other.getByText(/None of \d+ events matches in this span of time/).waitFor()
    await other.getByRole('button', { name: 'Show all times' }).click()
    await other.locator('.row').first().waitFor()
    await other.close()
  })
})

describe('the actions of a process', () => {
  const actions = () => own.page.getByRole('list', { name: 'What it did' })

  it('are reached from an event, and lead to what the process started', async () => {
    own.run('started-program')
    await own.filter('started-program kind:exec binary:*/sh')
    await own.page.locator('.row', { hasText: '/bin/sh' }).first().click()
    await own.page.getByRole('button', { name: 'What this process did' }).click()
    const start = actions().getByRole('button', { name: /start .*started-program --one/ })
    await start.waitFor()
    // Its own: the name of the first one ends with a time and its command.
    await actions().getByRole('listitem').last().getByText('💥 exit 0').waitFor()
    const texts = await actions().getByRole('listitem').allTextContents()
    assert.match(texts[0], /🚀 process \/bin\/sh -c/u)
    assert.match(texts.at(-1) ?? '', /💥 exit 0/u)
    await start.click()
    await own.page.locator('.lineage li').last().getByText('started-program --one').waitFor()
    await actions().getByText('exit').waitFor()
  })

  it('lead to their events', async () => {
    await actions()
      .getByRole('button', { name: /exit 0/ })
      .click()
    const event = own.page.getByRole('region', { name: 'Event' })
    const json = JSON.parse((await event.locator('pre').textContent()) ?? '')
    assert.match(json.process_exit.process.binary, /started-program$/)
    await event.getByRole('button', { name: 'What this process did' }).click()
    // The event has a button with the same name.
    await actions().waitFor()
  })

  it('narrow the lists to the process', async () => {
    await own.page.getByRole('button', { name: 'only this process' }).click()
    await waitUntil(async () => {
      const rows = await own.console.rows()
      return rows.length > 0 && (rows.at(-1) ?? '').includes('started-program --one')
    })
    await own.page.getByRole('button', { name: 'its events' }).click()
    await waitUntil(async () => (await own.console.rows()).length === 2)
    const rows = await own.console.rows()
    assert.ok(rows.every((row) => row.includes('started-program --one')))
  })

  it('narrow the events to the tree of a process above', async () => {
    await own.filter('started-program kind:exec binary:*started-program')
    await own.page.locator('.row').first().click()
    const event = own.page.getByRole('region', { name: 'Event' })
    await event.getByRole('button', { name: /^only its tree: \/bin\/sh .*started-program/ }).click()
    const typed = await own.page.getByRole('combobox', { name: 'Filter' }).inputValue()
    await own.filter(/tree:\S+/.exec(typed)?.[0] ?? '')
    await waitUntil(async () => (await own.console.rows()).length === 4)
    const rows = await own.console.rows()
    assert.ok(rows.every((row) => row.includes('started-program')))
    assert.equal(rows.filter((row) => row.includes('/bin/sh -c')).length, 2)
  })

  it('have no barriers, and do nothing that the rules of the console forbid', async () => {
    await timeLine().chart.focus()
    await own.page.keyboard.press('ArrowLeft')
    await showAll().waitFor()
    assert.deepEqual(await own.barriers(), [])
    await showAll().click()
    await own.page.locator('.row').first().click()
    await own.page.getByRole('button', { name: 'What this process did' }).click()
    await actions().waitFor()
    assert.deepEqual(await own.barriers(), [])
    assert.deepEqual(own.console.problems, [])
  })
})
