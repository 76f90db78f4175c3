import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { withMode } from '@tetragon-ts/policy/policy-text'
import { AgentInConsole } from './agent-in-console.ts'
import { tetra } from './open-console.ts'
import { hurryAfterFailure, waitUntil } from './waits.ts'

hurryAfterFailure()

/** A policy that kills programs of a name, and that every machine can run. */
function policyText(program: string): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: wanted-programs
spec:
  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args: [{index: 4}]
      selectors:
        - matchArgs: [{index: 4, operator: Equal, values: ["170"]}]
          matchBinaries: [{operator: Postfix, values: ["/${program}"]}]
          matchActions: [{action: Sigkill}]
`
}

/** A policy that the events of the agent itself can decide: starts of programs. */
const startsText = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: starts}
spec:
  lsmhooks:
    - hook: bprm_check_security
      args: [{index: 0, type: linux_binprm}]
      selectors:
        - matchArgs: [{index: 0, operator: Postfix, values: ["/tried-program"]}]
`

let own: AgentInConsole
before(async () => {
  own = await AgentInConsole.start('--allow-changes')
  await own.openView('Policies')
})
after(() => own?.[Symbol.asyncDispose]())

/** Replaces the text of the editor, as a paste does. */
async function write(text: string): Promise<void> {
  await own.page.getByRole('textbox', { name: 'Policy' }).focus()
  await own.page.keyboard.press('Control+a')
  await own.page.keyboard.insertText(text)
}

const findings = () => own.page.getByRole('region', { name: 'Findings' })

describe('policies in the console', () => {
  it('opens an editor by a key, without an error', async () => {
    await own.page.locator('body').press('n')
    await findings().getByText('The policy is right.').waitFor()
  })

  it('shows the same findings as tetra while the user types', async () => {
    const wrong = policyText('x').replace('operator: Equal', 'operator: Equals')
    await write(wrong)
    const file = join(own.folder, 'wrong.yaml')
    writeFileSync(file, wrong)
    const args = ['tracingpolicy', 'validate', file]
    const { stdout } = spawnSync(process.execPath, [tetra, ...args], { encoding: 'utf8' })
    const lines = stdout.split('\n').filter((line) => line.startsWith(`${file}:`))
    assert.ok(lines.length > 0, stdout)
    for (const line of lines) {
      await findings()
        .getByText(line.slice(file.length + 1), { exact: true })
        .waitFor()
    }
    assert.equal(await findings().getByRole('listitem').count(), lines.length)
    await own.page.locator('.cm-lintRange-error', { hasText: 'Equals' }).waitFor()
  })

  it('leads to the position of a finding', async () => {
    await findings().getByRole('button').first().click()
    await own.page.keyboard.insertText('Not')
    await own.page.getByRole('textbox', { name: 'Policy' }).getByText('NotEquals').waitFor()
  })

  it('completes fields and values, and explains them', async () => {
    const { page } = own
    const start =
      'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec:\n  '
    const text = page.getByRole('textbox', { name: 'Policy' })
    await waitUntil(async () => {
      await write(start)
      await page.keyboard.type('kpro')
      await page.getByRole('option', { name: /kprobes/ }).waitFor()
      await page.locator('.cm-completionInfo', { hasText: /\w/ }).waitFor()
      // The editor takes the key as a new line if it follows the list too soon.
      await page.keyboard.press('Enter')
      return (await text.getByText('kprobes').count()) > 0
    })
    await write(`${start}kprobes:\n  - call: tcp_connect\n    args: [{index: 0, type: `)
    await page.keyboard.type('so')
    await page.getByRole('option', { name: 'sock', exact: true }).waitFor()
    await page.keyboard.press('Escape')
    const explained = spawnSync(process.execPath, [
      ...[tetra, 'explain', 'tracingpolicies.spec.kprobes.call', '-o', 'json'],
    ])
    const { description } = JSON.parse(explained.stdout.toString()) as { description: string }
    await text.getByText('call', { exact: true }).hover()
    await page.locator('.cm-tooltip-hover', { hasText: description }).waitFor()
  })

  it('takes keys that are those of the page elsewhere', async () => {
    const text = own.page.getByRole('textbox', { name: 'Policy' })
    await write('')
    await own.page.keyboard.type('# n1?/g')
    await text.getByText('# n1?/g').waitFor()
    assert.equal(await own.page.locator('dialog:modal').count(), 0)
  })

  it('leaves the text by Escape, so that Tab is no trap', async () => {
    const { page } = own
    await page.getByRole('textbox', { name: 'Policy' }).focus()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page
      .getByRole('combobox', { name: 'Open an example' })
      .and(page.locator(':focus'))
      .waitFor()
    await page.keyboard.press('Tab')
    assert.equal(await page.locator('.editor:focus').count(), 0)
  })

  it('tries a text on the kept events, and shows those that match', async () => {
    const { page } = own
    own.run('tried-program')
    await own.openView('Events')
    await own.filter('tried-program')
    await own.console.row('tried-program --one')
    await own.openView('Policies')
    await write(startsText)
    await findings().getByText('The policy is right.').waitFor()
    await page.getByRole('button', { name: 'Dry run' }).click()
    const report = page.getByRole('region', { name: 'Dry run' })
    await report.getByText(/^[1-9]\d* of \d+ kept events would match$/).waitFor()
    await report.filter({ hasText: 'spec.lsmhooks[0].selectors[0]' }).waitFor()
    await report.getByRole('button', { name: /tried-program --one/ }).click()
    await page.locator('.lineage', { hasText: 'tried-program' }).waitFor()
    await page.keyboard.press('Escape')
    await own.filter('')
    await own.follow()
  })

  it('keeps an unsaved text in other views and across a reload', async () => {
    const { page } = own
    await own.openView('Policies')
    await page.getByRole('textbox', { name: 'Policy' }).getByText('tried-program').waitFor()
    page.once('dialog', (dialog) => dialog.accept())
    await page.reload()
    await page.getByRole('textbox', { name: 'Policy' }).getByText('tried-program').waitFor()
    page.once('dialog', (dialog) => dialog.dismiss())
    await page.getByRole('button', { name: 'Close the editor' }).click()
    await page.getByRole('textbox', { name: 'Policy' }).getByText('tried-program').waitFor()
  })

  it('adds a policy in mode monitor after a look at what changes', async () => {
    const { page } = own
    await write(policyText('first'))
    await page.getByRole('button', { name: 'Add…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add the policy wanted-programs?' })
    await dialog.locator('.added', { hasText: 'name: wanted-programs' }).waitFor()
    assert.ok(await dialog.getByRole('radio', { name: /^Monitor/ }).isChecked())
    await dialog.locator('.added', { hasText: 'value: monitor' }).waitFor()
    await dialog.getByRole('radio', { name: 'Enforce now' }).check()
    await dialog.locator('.added', { hasText: 'value: monitor' }).waitFor({ state: 'detached' })
    await dialog.getByRole('radio', { name: /^Monitor/ }).check()
    await dialog.getByText('It is loaded into one agent. It stays until').waitFor()
    assert.deepEqual(await own.barriers(), [])
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('button', { name: 'Replace…' }).waitFor()
    // The policy may be listed before the text is saved: closing the editor would be a question.
    const text = page.getByRole('textbox', { name: 'Policy' })
    await text.getByText('value: monitor').waitFor()
    await page.getByRole('button', { name: 'Close the editor' }).click()
    await page.getByRole('button', { name: 'wanted-programs' }).click()
    const detail = page.getByRole('region', { name: 'Policy' })
    await detail.getByRole('row', { name: /raw_syscalls/ }).waitFor()
    assert.ok((await detail.locator('pre').textContent())?.includes('\n  tracepoints:\n'))
    assert.deepEqual(await own.barriers(), [])
  })

  it('measures what its kernel programs cost', async () => {
    const detail = own.page.getByRole('region', { name: 'Policy' })
    await detail.getByRole('button', { name: 'Measure for a second' }).click()
    await detail
      .getByRole('row', { name: /^\S+ [1-9]\d* [1-9]\d*$/ })
      .first()
      .waitFor()
  })

  it('replaces it by a changed text, and shows the lines that differ', async () => {
    const { page } = own
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await findings().getByText('The policy is right.').waitFor()
    await write(policyText('second'))
    await page.getByRole('button', { name: 'Replace…' }).click()
    const dialog = page.getByRole('dialog')
    assert.match((await dialog.locator('.removed').textContent()) ?? '', /^- .*"\/first"/)
    assert.match((await dialog.locator('.added').textContent()) ?? '', /^\+ .*"\/second"/)
    assert.deepEqual(await own.barriers(), [])
    await dialog.getByRole('button', { name: 'Replace' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const input = await withMode(policyText('second'), 'monitor')
    const isLoaded = () => {
      const args = ['tracingpolicy', 'diff', '-', '--server-address', own.address]
      return spawnSync(process.execPath, [tetra, ...args], { input }).status === 0
    }
    await waitUntil(isLoaded)
  })

  it('shows the errors of the agent at their lines', async () => {
    const { page } = own
    const unknown = policyText('x').replace('event: sys_enter', 'event: no_such_event')
    await write(unknown)
    await page.getByRole('button', { name: 'Replace…' }).click()
    const dialog = page.getByRole('dialog')
    // The text that is sent is not that of the editor.
    assert.ok(await dialog.getByRole('radio', { name: /^Monitor/ }).isChecked())
    await dialog.getByText('The loaded policy does not enforce.').waitFor()
    await dialog.getByRole('button', { name: 'Replace' }).click()
    await findings()
      .getByRole('button', { name: /no_such_event/ })
      .waitFor()
    await page.locator('.cm-lintRange-error', { hasText: 'no_such_event' }).waitFor()
    assert.deepEqual(await own.barriers(), [])
  })

  it('enforces a policy that monitors with one click', async () => {
    const { page } = own
    page.once('dialog', (dialog) => dialog.accept())
    await page.getByRole('button', { name: 'Enforce', exact: true }).click()
    await page.getByRole('button', { name: 'Only monitor' }).waitFor()
  })

  it('changes the mode and deletes, after a question', async () => {
    const { page } = own
    page.once('dialog', (dialog) => dialog.accept())
    await page.getByRole('button', { name: 'Close the editor' }).click()
    const detail = page.getByRole('region', { name: 'Policy' })
    await detail.getByText('enabled, enforce').waitFor()
    page.once('dialog', (dialog) => dialog.accept())
    await detail.getByRole('button', { name: 'Only monitor' }).click()
    await detail.getByText('enabled, monitor').waitFor()
    page.once('dialog', (dialog) => dialog.accept())
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No policies').waitFor()
  })

  it('has done nothing that the headers of the server forbid', () => {
    // The agent has refused a policy: that is an answer.
    const unexpected = own.console.problems.filter((text) => !/status of 502/.test(text))
    assert.deepEqual(unexpected, [])
  })
})

describe('a console without --allow-changes', () => {
  it('has an editor, and says how to allow changes', async () => {
    await using reader = await AgentInConsole.start()
    const { page } = reader
    await reader.openView('Policies')
    await page.getByText('tetra console --allow-changes').waitFor()
    await page.locator('body').press('n')
    await page.getByText('The policy is right.').waitFor()
    await page.getByText('tetra console --allow-changes').waitFor()
    assert.equal(await page.getByRole('button', { name: /Add|Replace|Delete/ }).count(), 0)
  })
})
