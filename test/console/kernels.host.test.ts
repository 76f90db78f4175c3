import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  encodeKernel,
  type KernelDescription,
  type KernelFacts,
} from '@tetragon-ts/compiler/kernel-description'
import { sampleDescription } from '@tetragon-ts/compiler/testing'
import { describedNames, knownDescriptions } from '../vm/kernel-descriptions.ts'
import { repositoryRoot } from '../vm/repository.ts'
import { AgentInConsole } from './agent-in-console.ts'
import { tetra } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

// Starts an agent, a console and a browser.

hurryAfterFailure()

const policyOf = (name: string, spec: string) =>
  `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: ${name}}\nspec:\n${spec}`
const opens = policyOf(
  'opens',
  `  kprobes:
  - call: sys_openat
    args: [{index: 1, type: string}]
    selectors:
    - matchArgs: [{index: 1, operator: Postfix, values: [shadow]}]
      matchActions: [{action: Sigkill}]
  - {call: tcp_connect, syscall: false}
`,
)
const missing = policyOf('missing', '  kprobes:\n  - {call: no_such_function, syscall: false}\n')
const many = policyOf('many', `  kprobes:\n${'  - {call: sys_openat}\n'.repeat(999)}`)

const otherProcessors = process.arch === 'x64' ? 'arm64' : 'x64'
const openOfOther = `__${otherProcessors}_sys_openat`

const tetragon = join(repositoryRoot, 'packages/agent/bin/tetragon.js')

let own: AgentInConsole
/** Paths: descriptions of this machine, of a kernel without programs, of other processors. */
let files: { readonly host: string; readonly old: string; readonly other: string }

before(async () => {
  own = await AgentInConsole.start()
  const [host, old, other] = ['host', 'old', 'other'].map((name) => {
    return join(own.folder, `${name}.kernel`)
  })
  files = { host, old, other }
  const args = [tetragon, 'kernel', 'describe', '-o', files.host]
  const { status, stderr } = spawnSync(process.execPath, args)
  assert.equal(status, 0, stderr.toString())
  const btf = readFileSync('/sys/kernel/btf/vmlinux')
  const write = async (file: string, sample: KernelDescription, facts: Partial<KernelFacts>) => {
    const { symbols } = sample.functions
    const functions = { symbols: new Set([...symbols, openOfOther]), traceable: undefined }
    const all = { ...sample.facts, ...facts }
    writeFileSync(file, await encodeKernel({ ...sample, facts: all, functions, btf }))
  }
  await write(files.old, sampleDescription([]), { release: '5.10.1-old' })
  const facts = { release: '6.12.1-other', architecture: otherProcessors } as const
  await write(files.other, sampleDescription(['kprobe']), facts)
  await own.openView('Policies')
  await own.page.locator('body').press('n')
})
after(() => own?.[Symbol.asyncDispose]())

/** Replaces the text of the editor, as a paste does. */
async function write(text: string): Promise<void> {
  await own.page.getByRole('textbox', { name: 'Policy' }).focus()
  await own.page.keyboard.press('Control+a')
  await own.page.keyboard.insertText(text)
}

const pane = () => own.page.getByRole('region', { name: 'Kernels' })
const status = (text: string) => pane().getByRole('status').getByText(text, { exact: true })

async function shownRows(): Promise<string[][]> {
  const rows = await pane().getByRole('row').all()
  return Promise.all(rows.slice(1).map((row) => row.getByRole('cell').allTextContents()))
}

/** The rows of `tetra tracingpolicy validate --kernel`. */
function tetraRows(text: string, ...kernels: string[]): string[][] {
  const file = join(own.folder, 'policy.yaml')
  writeFileSync(file, text)
  const options = kernels.flatMap((kernel) => ['--kernel', kernel])
  const args = [tetra, 'tracingpolicy', 'validate', ...options, file]
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const [, table = ''] = /^POLICY .*\n((?:.+\n)*)/m.exec(stdout) ?? []
  return table.split('\n').flatMap((line) => (line === '' ? [] : [line.split(/ {3,}/)]))
}

/** Lines of `tetragon compile --kernel` about the policy, without spaces around them. */
function compiled(text: string, kernel: string): string[] {
  const file = join(own.folder, 'compiled.yaml')
  writeFileSync(file, text)
  const args = [tetragon, 'compile', '--kernel', kernel, file]
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const lines = stdout.split('\n').map((line) => line.trim())
  return lines.slice(lines.findIndex((line) => line.startsWith('policy ')))
}

describe('kernels in the editor', () => {
  it('are those of the agents, with what tetra finds for their description', async () => {
    await pane().waitFor({ state: 'detached' })
    await write(opens)
    await own.page.getByRole('button', { name: 'Check for kernels' }).click()
    const offered = pane().getByRole('combobox', { name: 'Kernels of the agents' })
    await offered.locator('option', { hasText: release() }).waitFor({ state: 'attached' })
    await offered.selectOption(release())
    await status('0 of 1 checks for kernels fail').waitFor()
    assert.deepEqual(await shownRows(), tetraRows(opens, files.host))
  })

  it('have the programs that tetragon compile lists, and those of the next text', async () => {
    const programs = pane().getByRole('region', { name: 'Programs' })
    const toggle = pane().getByRole('button', { name: `Programs on ${release()}` })
    await toggle.click()
    const [, counts] = compiled(opens, files.host)
    await programs.getByRole('status').getByText(counts, { exact: true }).waitFor()
    const field = '; spec.kprobes[0].selectors[0].matchArgs[0] (line 9)'
    await programs.getByText(field).first().waitFor()
    await write(missing)
    const none = '0 programs, 0 instructions; 1 policy without'
    await programs.getByRole('status').getByText(none, { exact: true }).waitFor()
    await write(opens)
    await programs.getByRole('status').getByText(counts, { exact: true }).waitFor()
    await toggle.click()
    await programs.waitFor({ state: 'detached' })
    await status('0 of 1 checks for kernels fail').waitFor()
  })

  it('are files, and a refusal is marked at its position', async () => {
    await pane().getByLabel('Descriptions').setInputFiles(files.old)
    await status('1 of 2 checks for kernels fail').waitFor()
    assert.deepEqual(await shownRows(), tetraRows(opens, files.host, files.old))
    await write(missing)
    await status('2 of 2 checks for kernels fail').waitFor()
    await own.page.locator('.cm-lintRange-error', { hasText: 'no_such_function' }).waitFor()
    const findings = own.page.getByRole('region', { name: 'Findings' }).getByRole('button')
    const refusal = /6:12: error: this kernel has no function no_such_function.*; on /
    // Proposals differ.
    for (const kernel of [release(), '5.10.1-old']) {
      await findings
        .filter({ hasText: refusal })
        .filter({ hasText: `; on ${kernel}` })
        .waitFor()
    }
  })

  it('of other processors are checked in a worker of their own', async () => {
    await pane().getByLabel('Descriptions').setInputFiles(files.other)
    await write(opens)
    await status('2 of 3 checks for kernels fail').waitFor()
    const rows = await shownRows()
    assert.deepEqual(rows, tetraRows(opens, files.host, files.old, files.other))
    const works = rows.find((row) => row[2] === '6.12.1-other' && row[1] === 'sys_openat')
    assert.equal(works?.[4], 'kprobe')
    await pane().getByRole('button', { name: 'Remove 6.12.1-other' }).click()
  })

  it('that cannot be read are errors, and the others are checked', async () => {
    const longer = Buffer.concat([readFileSync(files.old), Buffer.alloc(1)])
    const broken = ['text', '\x7fELF'].map((content, i) => {
      return { name: `broken-${i}`, mimeType: '', buffer: Buffer.from(content) }
    })
    const uncompressed = Buffer.from('tetragon kernel\n\x01no compressed bytes')
    broken.push({ name: 'broken-2', mimeType: '', buffer: uncompressed })
    broken.push({ name: 'broken-3', mimeType: '', buffer: longer })
    await pane().getByLabel('Descriptions').setInputFiles(broken)
    for (const { name } of broken) {
      const item = pane().getByRole('listitem').filter({ hasText: name })
      await item.getByText('read description: ').waitFor()
      await item.getByRole('button', { name: `Remove ${name}` }).click()
    }
    await write(opens)
    await status('1 of 2 checks for kernels fail').waitFor()
    assert.equal(await pane().getByRole('listitem').count(), 2)
  })

  it('do not stop the page for a policy with many hooks, and a change ends its check', async () => {
    await write(many)
    await status('checking for kernels').waitFor()
    await write(missing)
    await status('2 of 2 checks for kernels fail').waitFor()
    assert.equal((await shownRows()).length, 2)
  })

  const name = describedNames.find((each) => each !== 'host' && knownDescriptions().has(each))
  const skip = name === undefined && 'no kernel is described; run: npm run describe:kernels'
  it('are those of other machines', { skip }, async () => {
    const path = knownDescriptions().get(name ?? '') ?? ''
    await pane().getByRole('button', { name: 'Remove 5.10.1-old' }).click()
    await pane().getByLabel('Descriptions').setInputFiles(path)
    await write(opens)
    await status('0 of 2 checks for kernels fail').waitFor()
    assert.deepEqual(await shownRows(), tetraRows(opens, files.host, path))
  })

  it('have no barriers, and nothing that the page may not load', async () => {
    assert.deepEqual(await own.barriers(), [])
    assert.deepEqual(own.console.problems, [])
  })
})
