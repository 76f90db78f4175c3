import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { AgentInConsole } from './agent-in-console.ts'
import { tetra } from './open-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** As policies/network/tcp-connections.yaml, without what the console itself causes. */
const policyText = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: connect}
spec:
  kprobes:
  - call: tcp_connect
    syscall: false
    args: [{index: 0, type: sock}]
`

let own: AgentInConsole
before(async () => {
  own = await AgentInConsole.start()
})
after(() => own?.[Symbol.asyncDispose]())

const pane = () => own.page.getByRole('region', { name: 'Event' })
const press = (key: string) => own.page.keyboard.press(key)
const row = (text: string) => own.page.locator('.row', { hasText: text })
/** Waits until the filter shows a number of events. */
const shown = (count: number) => own.page.getByText(`, ${count} of `).waitFor()
const chosen = () => own.page.locator('.row[aria-selected=true]')

/** Types a filter with the keys of the page only. */
async function typeFilter(text: string): Promise<void> {
  await press('/')
  await press('Control+A')
  await own.page.keyboard.type(text)
  await press('Enter')
}

/** Shows all events as they happen, with the keys on nothing. */
async function reset(): Promise<void> {
  await press('Escape')
  await own.filter('')
  await own.follow()
  await own.page.locator('h1').click()
}

async function copied(button: string): Promise<string> {
  await own.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await own.page.getByRole('button', { name: button }).click()
  await own.page.getByText('copied', { exact: true }).waitFor()
  const text = await own.page.evaluate('navigator.clipboard.readText()')
  await press('Escape')
  return text as string
}

describe('the events of the console', () => {
  it('show which process connected to an address, and how it was started', async () => {
    own.addPolicy(policyText)
    const server: Server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const program = join(own.folder, 'phone-home')
    copyFileSync('/bin/bash', program)
    const launcher = join(own.folder, 'launcher.sh')
    writeFileSync(launcher, `"$1" -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'; exit 0\n`)
    spawnSync('/bin/sh', ['-c', `/bin/sh ${launcher} ${program}; exit 0`])
    server.close()

    await typeFilter(`127.0.0.1:${port} kind:kprobe`)
    await shown(1)
    assert.match((await row('phone-home').textContent()) ?? '', new RegExp(`-> 127.0.0.1:${port}`))
    await press('n')
    await own.page.locator('.lineage').waitFor()
    const lineage = await own.page.locator('.lineage li').allTextContents()
    assert.match(lineage.at(-1) ?? '', /phone-home -c .*\/dev\/tcp.*pid \d+, as (root|uid 0)/)
    assert.match(lineage.at(-2) ?? '', /\/bin\/sh .*launcher\.sh .*phone-home/)
    assert.match(lineage.at(-3) ?? '', /\/bin\/sh -c/)
    await press('Enter')
    await own.page.locator('.detail .scroll:focus').waitFor()
    await own.page.getByRole('button', { name: 'only this pid' }).click()
    const filter = await own.filterField.inputValue()
    await own.filter(filter.replace(`127.0.0.1:${port} kind:kprobe`, ''))
    await own.follow()
    await row('process').first().waitFor()
    const kinds = (await own.console.rows()).map((text) => /process|exit|connect/.exec(text)?.[0])
    assert.deepEqual(kinds, ['process', 'connect', 'exit'])
    await reset()
  })

  it('are found by CEL, and errors are shown at their position', async () => {
    own.run('cel-program')
    const { page } = own
    await own.filter('cel-program cel: process_exec.process.arguments.matches("^--o.e$")')
    await shown(1)
    await row('cel-program --one').waitFor()
    await own.filter('cel-program cel: process_exec.proces.uid == 0u')
    await page.getByText('No such key: proces at character 14').waitFor()
    assert.equal(await page.locator('#filter-notes u').textContent(), 'proces')
    assert.equal(await own.filterField.getAttribute('aria-invalid'), 'true')
    // The last valid filter.
    await shown(1)
    assert.deepEqual(await own.barriers(), [])
    await own.filter('cel-program cel: process_exit.process.arguments == "--one"')
    await page.getByText('No such key').waitFor({ state: 'detached' })
    await row('💥').waitFor()
    await reset()
  })

  it('tell of unknown fields in a filter', async () => {
    await own.filter('pdo:xwing')
    await own.page.getByText('did you mean "pod"?').waitFor()
    await own.filter('pod:xwing')
    await own.page.getByText('did you mean').waitFor({ state: 'detached' })
    await reset()
  })

  it('offer the filters that were used', async () => {
    await typeFilter('used-before')
    const first = own.page.locator('#recent-filters option').first()
    await first.and(own.page.locator('[value=used-before]')).waitFor({ state: 'attached' })
    const other = await own.page.context().newPage()
    await other.goto(own.page.url())
    await other.locator('#recent-filters option[value=used-before]').waitFor({ state: 'attached' })
    await other.close()
    await reset()
  })

  it('have the columns that the user has chosen', async () => {
    const { page } = own
    await own.filter('cel-program --one kind:exec binary:*/cel-program')
    await page.getByText('Columns', { exact: true }).click()
    for (const name of ['pid', 'binary', 'kind'])
      await page.getByLabel(name, { exact: true }).check()
    assert.deepEqual(await own.barriers(), [])
    await press('Escape')
    const heads = () => page.locator('.heads span').allTextContents()
    assert.deepEqual(await heads(), ['time', 'kind', 'pid', 'binary', 'event'])
    const cells = await row('cel-program').first().locator('.cell').allTextContents()
    assert.equal(cells[1], '🚀 process')
    assert.match(cells[2], /^\d+$/)
    assert.match(cells[3], /\/cel-program$/)
    const other = await page.context().newPage()
    await other.goto(page.url())
    assert.equal(await other.locator('.heads span').count(), 5)
    await other.close()
    await page.getByText('Columns', { exact: true }).click()
    for (const name of ['pid', 'binary', 'kind']) {
      await page.getByLabel(name, { exact: true }).uncheck()
    }
    await press('Escape')
    await reset()
  })

  it('can be copied, as JSON and as a command, whatever their names', async () => {
    const name = `it's,"$(id)"\n\u202e`
    own.run(name)
    own.run('other-program')
    const lines: string[] = []
    let command = ''
    for (const wanted of ['other-program --one kind:exec', `id --one kind:exec binary:*it's*`]) {
      await own.filter(wanted)
      await row('--one').last().click()
      lines.push(JSON.stringify(JSON.parse(await copied('Copy JSON'))))
      await row('--one').last().click()
      command = await copied('Copy as tetra command')
    }
    assert.match(command, /^tetra getevents --event-types PROCESS_EXEC [ -~]*$/)
    symlinkSync(tetra, join(own.folder, 'tetra'))
    writeFileSync(join(own.folder, 'events.json'), `${lines.join('\n')}\n`)
    const PATH = `${own.folder}:${process.env.PATH}`
    const shell = spawnSync('/bin/sh', ['-c', `${command} < events.json`], {
      cwd: own.folder,
      env: { ...process.env, PATH },
    })
    const printed = shell.stdout.toString().trim().split('\n')
    assert.equal(printed.length, 1, shell.stderr.toString())
    assert.ok(JSON.parse(printed[0]).process_exec.process.binary.endsWith(`/${name}`))
    await reset()
  })

  it('are saved to files, which other commands read', async () => {
    own.run('saved-program')
    await own.filter('kind:exec binary:*/saved-program')
    await shown(1)
    const { page } = own
    const saved = async (format: string): Promise<string> => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: format }).click(),
      ])
      await page.getByText('1 saved', { exact: true }).waitFor()
      return download.path()
    }
    await page.getByText('Save', { exact: true }).click()
    const lines = readFileSync(await saved('JSON lines'))
    const { stdout } = spawnSync(tetra, ['getevents', '-o', 'compact'], { input: lines })
    assert.match(String(stdout), /process .*saved-program --one\n$/)
    const [, row] = readFileSync(await saved('CSV'), 'utf8').split('\r\n')
    assert.match(row, /^\d{4}-[\d:.T-]+Z,process_exec,.*saved-program/)
    assert.deepEqual(await own.barriers(), [])
    await page.getByText('Save', { exact: true }).click()
    await reset()
  })

  it('can be copied by hand if the browser refuses', async () => {
    const { page } = own
    await own.filter('other-program --one')
    await row('--one').first().click()
    await page.evaluate('void (navigator.clipboard.writeText = () => Promise.reject(new Error()))')
    await page.getByRole('button', { name: 'Copy JSON' }).click()
    await page.getByText('press Ctrl+C').waitFor()
    const field = page.getByRole('textbox', { name: 'Copy JSON' })
    assert.ok(JSON.parse(await field.inputValue()).node_name)
    const { length } = await field.inputValue()
    // It is selected after it is painted. The page's rules forbid Playwright's waitForFunction.
    await waitUntil(() => page.evaluate(`document.activeElement.selectionEnd === ${length}`))
    assert.deepEqual(await own.barriers(), [])
    await page.evaluate('void delete navigator.clipboard.writeText')
    await page.getByRole('button', { name: 'Close (Esc)' }).click()
    await reset()
  })

  it('have links, which say if the event is gone', async () => {
    await own.filter('other-program --one')
    await row('--one').first().click()
    const link = await copied('Copy link')
    assert.match(link, /\?filter=.*&event=2/)
    const other = await own.page.context().newPage()
    await other.goto(link)
    await other.getByText('is not in the memory of this page').waitFor()
    await other.keyboard.press('Escape')
    await other.getByText('is not in the memory of this page').waitFor({ state: 'detached' })
    await other.close()
    await reset()
  })

  it('are chosen with keys', async () => {
    for (const name of ['key-1', 'key-2', 'key-3']) own.run(name)
    await typeFilter('cel: process_exec.process.binary.matches("/key-[123]$")')
    // Without the filter, the processes that start them have these names too.
    await row('key-3').nth(1).waitFor({ state: 'detached' })
    await shown(3)
    await row('key-3').waitFor()
    for (const [key, name] of [
      ...[
        ['g', 'key-1'],
        ['n', 'key-2'],
        ['n', 'key-3'],
        ['n', 'key-3'],
        ['N', 'key-2'],
      ],
      ...[
        ['G', 'key-3'],
        ['g', 'key-1'],
      ],
    ]) {
      await press(key)
      await chosen().filter({ hasText: name }).waitFor()
    }
    await press('Enter')
    await pane().getByText('key-1').first().waitFor()
    await press('Backspace')
    await pane().waitFor({ state: 'detached' })
    await press('ArrowDown')
    await chosen().waitFor()
    await reset()
  })

  it('reach the first of many rows with a key, and the last', async () => {
    spawnSync('/bin/sh', ['-c', 'for i in $(seq 150); do /bin/true many-$i; done'])
    await typeFilter('/bin/true many- kind:exec -sh')
    await shown(150)
    await row('many-150').waitFor()
    await press('g')
    await chosen().filter({ hasText: 'many-1' }).waitFor()
    assert.match((await chosen().textContent()) ?? '', /many-1$/)
    await press('G')
    await chosen().filter({ hasText: 'many-150' }).waitFor()
    await reset()
  })

  it('leave keys to fields', async () => {
    await press('/')
    await own.page.keyboard.type('1?npgG')
    assert.equal(await own.filterField.inputValue(), '1?npgG')
    assert.equal(await own.page.getByRole('dialog').count(), 0)
    await press('Escape')
    await reset()
  })

  it('have their keys in the help', async () => {
    const { page } = own
    await press('?')
    const help = page.getByRole('dialog', { name: 'Keys and filters' })
    await help.getByText('pause the list of events').waitFor()
    await help.getByText('process_exec.process.uid').waitFor()
    assert.deepEqual(await own.barriers(), [])
    // Keys of the page are not for it.
    await press('3')
    await press('Escape')
    await help.waitFor({ state: 'hidden' })
    await page
      .getByRole('link', { name: 'Events', exact: true, current: 'page' } as never)
      .waitFor()
    await press('3')
    await page.getByRole('tree', { name: 'Processes' }).waitFor()
    await press('?')
    await help.getByText('Processes').waitFor()
    assert.equal(await help.getByText('pause the list of events').count(), 0)
    await press('Escape')
    await press('2')
    await page.getByRole('listbox', { name: 'Events' }).waitFor()
  })

  it('have done nothing that the rules of the page forbid', () => {
    assert.deepEqual(own.console.problems, [])
  })
})
