import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** Processes that a shell started: more than the list shows at a time. */
const count = 200

/** A shell, what it started, and a script of it that executes its interpreter. */
function recordedEvents(): string {
  const start = (id: string, parent: string, pid: number, binary: string, second: number) => {
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
    const process = { exec_id: id, parent_exec_id: parent, pid, uid: 0, binary, start_time: at }
    return { process_exec: { process }, node_name: 'node', time: at }
  }
  const events = [start('sh', '', 1, '/bin/sh', 0)]
  for (let i = 0; i < count; i++) events.push(start(`p${i}`, 'sh', 10 + i, `/bin/tool-${i}`, i))
  events.push(start('script', 'sh', 5000, '/opt/script', count))
  events.push(start('python', 'script', 5000, '/usr/bin/python', count + 1))
  events.push(start('curl', 'python', 5001, '/usr/bin/curl', count + 2))
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

// Starts `tetra console` for a recorded file, in the shared browser.
describe('the tree of processes', () => {
  let folder: string
  let console: OpenConsole
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
    const log = join(folder, 'events.log')
    writeFileSync(log, recordedEvents())
    console = await OpenConsole.open('--log', log)
    await console.page
      .getByRole('status')
      .filter({ hasText: `, ${count + 4} processes` })
      .waitFor()
  })
  after(async () => {
    await console?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const item = (name: string | RegExp) => console.page.getByRole('treeitem', { name })
  /** Whether a row is in sight, wherever it is in the list. */
  async function isInSight(name: string): Promise<boolean> {
    const list = await console.page.getByRole('tree').boundingBox()
    const row = await item(name).boundingBox()
    if (list === null || row === null) return false
    return row.y >= list.y && row.y + row.height <= list.y + list.height
  }

  it('scrolls to the process of an event', async () => {
    const { page } = console
    await page.getByRole('combobox', { name: 'Filter' }).fill('binary:/usr/bin/curl')
    await page.locator('.row', { hasText: 'curl' }).click()
    await page.getByRole('button', { name: 'What this process did' }).click()
    await waitUntil(() => isInSight('/usr/bin/curl'))
    assert.equal(await item('/usr/bin/curl').getAttribute('aria-selected'), 'true')
    // The first ones are not drawn.
    assert.equal(await item('/bin/tool-0').count(), 0)
    // It is the last one, and stays in sight when the list gets lower, as by the time line.
    await page.setViewportSize({ width: 1280, height: 600 })
    await waitUntil(() => isInSight('/usr/bin/curl'))
  })

  it('has one row for a process, whatever it executes', async () => {
    assert.equal(await item('/opt/script').count(), 1)
    assert.match(
      (await item('/opt/script').textContent()) ?? '',
      /python executed by \/opt\/script/,
    )
    assert.equal(await item('/usr/bin/curl').getAttribute('aria-level'), '3')
  })

  it('hides and shows what is below a process, with keys', async () => {
    const { page } = console
    await page.getByRole('tree').focus()
    const selected = (name: string) =>
      item(new RegExp(name)).and(page.locator('[aria-selected=true]'))
    // The process above, and then what is below that.
    await page.keyboard.press('ArrowLeft')
    await selected('/opt/script').waitFor()
    await page.keyboard.press('ArrowLeft')
    await item(/python.*… 1 below/).waitFor()
    await page.keyboard.press('ArrowRight')
    await item('/usr/bin/curl').waitFor()
    await page.keyboard.press('Home')
    await selected('/bin/sh').waitFor()
    assert.equal(await item('/bin/sh').getAttribute('aria-expanded'), 'true')
    await page.keyboard.press('ArrowLeft')
    await item(`… ${count + 2} below`).waitFor()
    assert.equal((await console.rows()).length, 1)
    assert.equal(await item('/bin/sh').getAttribute('aria-expanded'), 'false')
    await page.getByRole('button', { name: 'Expand all' }).click()
    await item('/bin/tool-0').waitFor()
    assert.deepEqual(console.problems, [])
  })
})
