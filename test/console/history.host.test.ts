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
const event = () => own.page.getByRole('region', { name: 'Event' })
/** The last process of the lineage: that which is shown. */
const shownProcess = () => own.page.locator('.lineage li').last()
const actions = () => own.page.getByRole('list', { name: 'What it did' })

/** Waits until the filter of the view is a text. */
const filterIs = (text: string) =>
  waitUntil(async () => (await own.filterField.inputValue()) === text)

describe('the history of the browser', () => {
  const filter = 'child-program kind:exec binary:*/sh'

  it('leads back to the filter and the chosen event', async () => {
    const { page } = own
    own.run('child-program')
    await own.filter(filter)
    await page.locator('.row', { hasText: '/bin/sh' }).first().click()
    await event().getByRole('button', { name: 'What this process did' }).click()
    await actions()
      .getByRole('button', { name: /start .*child-program --one/ })
      .click()
    await shownProcess().getByText('child-program --one').waitFor()
    await page.getByRole('button', { name: 'its events' }).click()
    await own.console.row('exit')
    await own.filter('')
    await page.goBack()
    await waitUntil(async () => /^exec:=/.test(await own.filterField.inputValue()))
    await page.goBack()
    await shownProcess().getByText('child-program --one').waitFor()
    await page.goBack()
    await shownProcess().getByText('/bin/sh -c').waitFor()
    await page.goBack()
    await filterIs(filter)
    await event().locator('pre', { hasText: '"/bin/sh"' }).waitFor()
    assert.match(new URL(page.url()).searchParams.get('event') ?? '', /^\d{4}-/)
    // Within the view: before the event was chosen.
    await page.goBack()
    await event().waitFor({ state: 'detached' })
    await filterIs(filter)
    await page.goForward()
    await event().locator('pre', { hasText: '"/bin/sh"' }).waitFor()
  })

  it('leads forward to the process', async () => {
    const { page } = own
    await page.goForward()
    await shownProcess().getByText('/bin/sh -c').waitFor()
    await page.goForward()
    await shownProcess().getByText('child-program --one').waitFor()
    await page.goBack()
    await page.goBack()
    await filterIs(filter)
    await event().locator('pre', { hasText: '"/bin/sh"' }).waitFor()
    await page.keyboard.press('Escape')
    await event().waitFor({ state: 'detached' })
  })

  it('leads back to the span of time', async () => {
    const { page } = own
    await timeLine().chart.focus()
    await page.keyboard.press('ArrowLeft')
    await timeLine().showAll.waitFor()
    const { span } = timeLine()
    await own.openView('Processes')
    await timeLine().showAll.click()
    await timeLine().showAll.waitFor({ state: 'detached' })
    await page.goBack()
    await timeLine().showAll.waitFor()
    await page.goBack()
    await filterIs(filter)
    assert.deepEqual(timeLine().span, span)
    await page.goForward()
    await page.goForward()
    await timeLine().showAll.waitFor({ state: 'detached' })
    assert.doesNotMatch(page.url(), /from=/)
  })

  it('leads back to the chosen agent, and forward to the editor', async () => {
    const { page } = own
    const agent = page.getByRole('region', { name: 'Agent' })
    await own.openView('Health')
    await page.getByRole('table').first().getByRole('button').click()
    await agent.waitFor()
    await own.openView('Policies')
    await page.locator('body').press('n')
    await page.getByRole('textbox', { name: 'Policy' }).waitFor()
    await page.goBack()
    await page.getByRole('textbox', { name: 'Policy' }).waitFor({ state: 'detached' })
    await page.goBack()
    await agent.waitFor()
    await page.goBack()
    await agent.waitFor({ state: 'detached' })
    for (let i = 0; i < 3; i++) await page.goForward()
    await page.getByRole('textbox', { name: 'Policy' }).waitFor()
    assert.match(page.url(), /edit=new/)
    assert.deepEqual(own.console.problems, [])
  })
})
