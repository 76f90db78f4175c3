import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { AgentInConsole } from './agent-in-console.ts'
import { tetra } from './open-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** Selectors of a program of thousands of instructions. */
const selectors = Array.from({ length: 24 }, (_, i) => {
  const values = Array.from({ length: 6 }, (_, j) => `"/none/${i}/${j}/${'x'.repeat(30)}"`)
  return `        - matchArgs: [{index: 0, operator: Postfix, values: [${values.join(', ')}]}]\n`
})

/** A policy that every machine can run: a short program, and a long one. */
function policyText(number: string): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: with-programs
spec:
  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args: [{index: 4}]
      selectors:
        - matchArgs: [{index: 4, operator: Equal, values: ["${number}"]}]
  kprobes:
    - call: sys_chdir
      syscall: true
      args: [{index: 0, type: string}]
      selectors:
${selectors.join('')}`
}

const other = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: to-delete}
spec:
  tracepoints:
    - subsystem: raw_syscalls
      event: sys_exit
      args: [{index: 4}]
      selectors:
        - matchArgs: [{index: 4, operator: Equal, values: ["170"]}]
`

let own: AgentInConsole
before(async () => {
  own = await AgentInConsole.start()
  own.addPolicy(policyText('170'))
  own.addPolicy(other)
  await own.openView('Policies')
  await own.page.getByRole('button', { name: 'with-programs' }).click()
})
after(() => own?.[Symbol.asyncDispose]())

/** Runs tetra with the agent. @returns its output */
function run(...args: string[]): string {
  const argv = [tetra, ...args, '--server-address', own.address]
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
}

const detail = () => own.page.getByRole('region', { name: 'Policy' })
const short = () => detail().getByRole('button', { name: 'raw_syscalls/sys_enter' })
const long = () => detail().getByRole('button', { name: 'sys_chdir' })
const programs = (hook: string) => own.page.getByRole('region', { name: `Programs of ${hook}` })

describe('the programs of a hook in the console', () => {
  it('are opened by keys, and are those that tetra shows', async () => {
    await short().focus()
    await own.page.keyboard.press('Enter')
    const region = programs('raw_syscalls/sys_enter')
    await region.getByText('; spec.tracepoints[0].selectors[0].matchArgs[0] (line 11)').waitFor()
    assert.equal(await short().getAttribute('aria-expanded'), 'true')
    assert.deepEqual(await own.barriers(), [])
    const [, , , ...lines] = run(
      ...['tracingpolicy', 'programs', 'with-programs', '--hook', 'tracepoints[0]'],
    ).split('\n')
    const shown = (await region.locator('pre').allTextContents()).join('\n')
    // The titles of programs are headings here, and blanks before instructions are omitted.
    const listed = lines.filter((line) => line.trim() !== ';' && !/^ {2}program /.test(line))
    assert.ok(listed.length > 50)
    for (const line of listed) assert.ok(shown.includes(line.trim()), line)
    await region.getByRole('heading', { name: /^tg_\w+, \d+ instructions$/ }).waitFor()
  })

  it('are copied as tetra prints them', async () => {
    const { page } = own
    const region = programs('raw_syscalls/sys_enter')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await region.getByRole('button', { name: 'Copy' }).click()
    await region.getByText('copied').waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    const printed = run(
      ...['tracingpolicy', 'programs', 'with-programs', '--hook', 'tracepoints[0]'],
    )
    assert.ok(printed.includes(`\n\n${copied}\n`))
  })

  it('are scrolled by keys, though they have thousands of instructions', async () => {
    const { page } = own
    await long().click()
    const region = programs('sys_chdir')
    const list = region.locator('.programs')
    await list.waitFor()
    const instructions = await list.locator('.part').allTextContents()
    assert.ok(instructions.join('\n').split('\n').length > 3000)
    await list.focus()
    const last = list.locator('pre').last()
    assert.match((await last.textContent()) ?? '', /^map\[fd:/)
    // Parts come into sight in their true height, which moves the end.
    await waitUntil(async () => {
      if (await last.evaluate(isInSight)) return true
      await page.keyboard.press('End')
      return false
    })
    assert.deepEqual(await own.barriers(), [])
  })

  it('are closed when others are opened, and by the same key', async () => {
    await short().click()
    await programs('raw_syscalls/sys_enter').locator('.programs').waitFor()
    assert.equal(await programs('sys_chdir').count(), 0)
    await short().press('Enter')
    await programs('raw_syscalls/sys_enter').waitFor({ state: 'detached' })
  })

  it('are shown by a link', async () => {
    await short().click()
    await programs('raw_syscalls/sys_enter').locator('.programs').waitFor()
    await own.page.reload()
    await programs('raw_syscalls/sys_enter')
      .getByText(/^; spec\.tracepoints/)
      .first()
      .waitFor()
  })

  it('are read again when the policy is replaced', async () => {
    const region = programs('raw_syscalls/sys_enter')
    await region
      .getByText(/ 170\b/)
      .first()
      .waitFor()
    own.addPolicy(policyText('171'), '--replace')
    await region
      .getByText(/ 171\b/)
      .first()
      .waitFor()
  })

  it('disappear with the policy, without an error', async () => {
    const { page } = own
    await page.getByRole('button', { name: 'to-delete' }).click()
    await detail().getByRole('button', { name: 'raw_syscalls/sys_exit' }).click()
    await programs('raw_syscalls/sys_exit').locator('.programs').waitFor()
    run('tracingpolicy', 'delete', 'to-delete')
    await detail().waitFor({ state: 'detached' })
    assert.deepEqual(own.console.problems, [])
  })

  it('are not there without the agent, and the reason is shown', async () => {
    const { page } = own
    await page.getByRole('button', { name: 'with-programs' }).click()
    await long().waitFor()
    await own.removeAgent()
    await long().click()
    await programs('sys_chdir').getByText('is the agent running?').waitFor()
    await own.startAgent()
    await page.getByText('No policies').waitFor()
  })
})

/** In the page: whether the end of an element is in the box that scrolls it. */
function isInSight(element: { getBoundingClientRect(): { bottom: number } }): boolean {
  const box = (element as { closest?(name: string): typeof element }).closest?.('.programs')
  if (box === undefined) return false
  return element.getBoundingClientRect().bottom <= box.getBoundingClientRect().bottom + 1
}
