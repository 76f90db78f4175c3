import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { barriersOf } from './barriers.ts'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

const folder = mkdtempSync(join(tmpdir(), 'tetra-values-'))
const hostile = '/tmp/<img src=x> "a"\u202e'

const events = ['/bin/sh', '/bin/sh', '/bin/cat', hostile].map((binary, i) => ({
  process_exec: {
    process: {
      exec_id: `e${i}`,
      pid: i + 1,
      binary,
      uid: 0,
      user: { name: i < 3 ? 'ada' : 'eve' },
    },
  },
  time: new Date(Date.parse('2026-07-31T12:00:00Z') + i * 1000).toISOString(),
}))

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

const filter = () => console.page.getByRole('combobox', { name: 'Filter' })

/** The values of a field with their counts. */
async function valuesOf(field: string): Promise<string[]> {
  return console.page
    .getByRole('region', { name: field, exact: true })
    .getByRole('listitem')
    .allTextContents()
}

describe('the values of the list', () => {
  it('are counted, the most frequent first, with hostile ones as text', async () => {
    const { page } = console
    await page.getByText('Values', { exact: true }).click()
    await page.getByText('of 4 events', { exact: true }).waitFor()
    const [most, ...others] = await valuesOf('binary')
    assert.equal(most, '/bin/sh2')
    assert.deepEqual(others.sort(), ['/bin/cat1', '/tmp/<img src=x> "a"\\u202e1'])
    assert.deepEqual(await valuesOf('user'), ['ada3', 'eve1'])
    assert.equal(await page.locator('img').count(), 0)
    assert.deepEqual(await barriersOf(page), [])
  })

  it('narrow the list by keys, and are counted again', async () => {
    const { page } = console
    await page.getByRole('button', { name: 'ada' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('of 3 events', { exact: true }).waitFor()
    assert.equal(await filter().inputValue(), 'user:=ada')
    assert.deepEqual(await valuesOf('binary'), ['/bin/sh2', '/bin/cat1'])
    // The key is still there, and a second time changes nothing.
    await page.keyboard.press('Enter')
    assert.equal(await filter().inputValue(), 'user:=ada')
    await page.getByRole('button', { name: '/bin/cat' }).click()
    await page.getByText('of 1 event', { exact: true }).waitFor()
    assert.equal(await filter().inputValue(), 'user:=ada binary:=/bin/cat')
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('.values').isVisible(), false)
  })

  it('narrow it to a hostile value', async () => {
    const { page } = console
    await filter().fill('')
    await page.getByText(', 4 of 4 shown').waitFor()
    await page.getByText('Values', { exact: true }).click()
    await page.getByText('of 4 events', { exact: true }).waitFor()
    await page.getByRole('button', { name: '/tmp/<img' }).click()
    await page.getByText('of 1 event', { exact: true }).waitFor()
    await page.locator('.row', { hasText: '/bin/sh' }).first().waitFor({ state: 'detached' })
    assert.equal((await console.rows()).length, 1)
    assert.deepEqual(console.problems, [])
  })
})
