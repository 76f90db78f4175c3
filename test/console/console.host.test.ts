import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeTestFolder, RunningAgent } from '@tetragon-ts/agent/testing'
import { repositoryRoot } from '../vm/repository.ts'
import { OpenConsole, tetra } from './open-console.ts'

/** Tests of accessibility, to run in the page. */
const axe = createRequire(join(repositoryRoot, 'test', 'package.json')).resolve(
  'axe-core/axe.min.js',
)

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

let folder: string
let agent: RunningAgent
let opened: OpenConsole
before(async () => {
  folder = makeTestFolder()
  agent = await startAgent()
  const address = `unix://${join(folder, 'socket')}`
  opened = await OpenConsole.open('--server-address', address, '--allow-changes')
  await connected()
})
after(async () => {
  await opened?.[Symbol.asyncDispose]()
  await agent?.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Number of events that the page has, shown or not. */
async function keptEvents(): Promise<number> {
  const status = (await opened.page.getByRole('status').textContent()) ?? ''
  return Number(/ of (\d+) shown/.exec(status)?.[1])
}

/** Waits until events arrive: what happens before is not shown. */
async function connected(): Promise<void> {
  const status = opened.page.getByRole('status')
  while (!/events\/s/.test((await status.textContent()) ?? '')) run('before-the-tests')
}

async function startAgent(): Promise<RunningAgent> {
  const started = await RunningAgent.start('--server-address', `unix://${join(folder, 'socket')}`)
  await started.serving()
  return started
}

/** Runs a program with a name of its own, as the child of a shell. */
function run(name: string): void {
  copyFileSync('/bin/true', join(folder, name))
  const { status } = spawnSync('/bin/sh', ['-c', '"$0" --one; exit 0', join(folder, name)])
  assert.equal(status, 0)
}

async function openView(name: string): Promise<void> {
  await opened.page.getByRole('link', { name, exact: true }).click()
}

/** Lets the list follow new events again: a selection has stopped it. */
async function follow(): Promise<void> {
  const button = opened.page.getByRole('button', { name: 'Follow (p)' })
  if ((await button.count()) > 0) await button.click()
}

/** Types a filter, and leaves it, so that keys are commands again. */
async function filter(text: string): Promise<void> {
  await opened.page.getByRole('searchbox').fill(text)
  await opened.page.getByRole('searchbox').press('Escape')
}

describe('the console', () => {
  it('shows events as they happen', async () => {
    // Other processes of the machine have events, too.
    await filter('first-program')
    run('first-program')
    assert.match(await opened.row('first-program --one'), /🚀 process .*first-program --one/u)
    assert.match((await opened.page.getByRole('status').textContent()) ?? '', /events\/s/)
  })

  it('removes the token and the key from its address', () => {
    assert.doesNotMatch(opened.page.url(), /token|key|#/)
  })

  it('finds how a process came to be, by typing', async () => {
    run('wanted-program')
    await filter('binary:*/wanted-program kind:exec')
    await opened.page.locator('.row', { hasText: 'wanted-program --one' }).click()
    const lineage = await opened.page.locator('.lineage li').allTextContents()
    assert.match(lineage.at(-1) ?? '', /wanted-program --one.*pid \d+, uid 0/)
    assert.match(lineage.at(-2) ?? '', /\/bin\/sh -c/)
    assert.match(lineage.at(-3) ?? '', /node/)
    const json = (await opened.page.locator('pre').textContent()) ?? ''
    assert.match(JSON.parse(json).process_exec.process.binary, /wanted-program$/)
    assert.match(opened.page.url(), /\?filter=/)
    await opened.page.getByRole('button', { name: 'Close (Esc)' }).click()
    await follow()
  })

  it('narrows the list to what an event has', async () => {
    await filter('wanted-program')
    await opened.page.locator('.row').first().click()
    await opened.page.getByRole('button', { name: 'not this kind' }).first().click()
    assert.match(await opened.page.getByRole('searchbox').inputValue(), / -kind:process_\w+$/)
    await opened.page.keyboard.press('Escape')
    await filter('')
    await follow()
  })

  it('pauses without losing events', async () => {
    await filter('while-paused')
    await opened.page.locator('body').press('p')
    const before = await keptEvents()
    run('while-paused')
    while ((await keptEvents()) < before + 2) await opened.page.waitForTimeout(10)
    assert.ok((await opened.rows()).every((row) => !row.includes('while-paused')))
    await opened.page.locator('body').press('p')
    await opened.row('while-paused')
    await filter('')
  })

  it('can be used with keys only', async () => {
    const { page } = opened
    await page.locator('body').press('/')
    await page.keyboard.type('wanted-program')
    await page.keyboard.press('Escape')
    await opened.row('wanted-program --one')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await page.locator('[aria-selected=true]').waitFor()
    await page.locator('.lineage').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('body').press('p')
    await page.getByRole('button', { name: 'Pause (p)' }).waitFor()
    await filter('')
  })

  it('shows hostile names as text', async () => {
    const name = '<img src=x onerror=alert(1)>\u202egnp\n\u0007'
    run(name)
    await filter('alert')
    const row = await opened.row('onerror')
    assert.match(row, /<img src=x onerror=alert\(1\)>/)
    assert.match(row, /\\u202egnp\\n\\a/)
    assert.ok(![...row].some((character) => character === '\u202e' || character < ' '))
    assert.equal(await opened.page.locator('img').count(), 0)
    await filter('')
  })

  it('shows processes below those that started them', async () => {
    await openView('Processes')
    await filter('wanted-program')
    const rows = await opened.page.locator('.row', { hasText: 'wanted-program --one' })
    assert.match((await rows.first().textContent()) ?? '', /exit 0/)
    await rows.first().click()
    await opened.page.locator('.lineage li').first().waitFor()
    assert.match(opened.page.url(), /\/processes\?filter=wanted-program&id=/)
  })

  it('opens the same view by a link', async () => {
    const other = await opened.page.context().newPage()
    await other.goto(opened.page.url())
    assert.equal(await other.getByRole('searchbox').inputValue(), 'wanted-program')
    await other.getByRole('status').filter({ hasText: 'events/s' }).waitFor()
    await other.close()
  })

  it('shows policies, and what is wrong with them', async () => {
    await openView('Policies')
    await opened.page.getByText('No policies').waitFor()
    const policy = join(folder, 'policy.yaml')
    writeFileSync(policy, policyText)
    const address = ['--server-address', `unix://${join(folder, 'socket')}`]
    const added = spawnSync(process.execPath, [tetra, 'tp', 'add', policy, ...address])
    assert.equal(added.status, 0, added.stderr.toString())
    const { page } = opened
    await page.getByRole('button', { name: 'file-names' }).click()
    const detail = page.getByRole('region', { name: 'Policy' })
    await detail.getByText('tracepoints:', { exact: false }).first().waitFor()
    await detail.getByText('enabled, monitor only').waitFor()
  })

  it('changes policies, if that is allowed', async () => {
    const { page } = opened
    page.once('dialog', (dialog) => dialog.accept())
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No policies').waitFor()
  })

  it('survives the end of the agent, and shows it', async () => {
    await openView('Events')
    await agent.stop()
    await opened.page.getByText('no events:').waitFor()
    await agent.remove()
    agent = await startAgent()
    await connected()
    await filter('after-the-restart')
    run('after-the-restart')
    await opened.row('after-the-restart')
  })

  it('has no barriers for its users, in light and in dark colours', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened.page.emulateMedia({ colorScheme })
      for (const view of ['Events', 'Processes', 'Policies']) {
        await openView(view)
        await opened.page.evaluate(readFileSync(axe, 'utf8'))
        const violations = await opened.page.evaluate(async () => {
          const page = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string }[] }> }
          }
          return (await page.axe.run()).violations.map(({ id }) => id)
        })
        assert.deepEqual(violations, [], `${view}, ${colorScheme}`)
      }
    }
  })

  it('has done nothing that its own rules forbid', () => {
    // The agent was gone for a while.
    const expected = /status of 502/
    const unexpected = opened.problems.filter((text) => !expected.test(text))
    assert.deepEqual(unexpected, [])
  })
})
