import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import {
  checkPolicy,
  type DescribedKernel,
  decodeKernel,
  describedKernel,
  type PolicyCheck,
} from '@tetragon-ts/compiler/kernel-description'
import { readPolicies } from '@tetragon-ts/policy'
import { describedNames, knownDescriptions } from '../../vm/kernel-descriptions.ts'
import { repositoryRoot } from '../../vm/repository.ts'
import { allCases } from '../policies/all-cases.ts'
import { type CaseOnKernel, caseOnKernel, errorsOf } from '../policies/case-on-kernel.ts'
import { caseTitle, type PolicyCase } from '../policies/policy-case.ts'
import { tableCells } from '../policies/results-table.ts'
import { tableFile } from '../policies/write-table.ts'

/** A policy without a case. */
interface Written {
  readonly name: string
  readonly text: string
}

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')

function filesOf(folder: string, end: string): readonly string[] {
  const names = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith(end)).map((name) => join(folder, name))
}

const library = filesOf('policies', '.yaml')
  .filter((name) => !name.startsWith('policies/rules/'))
  .map((name): Written => ({ name, text: read(name) }))
/** Complete policies in documents. */
const examples = ['README.md', ...filesOf('docs', '.md')].flatMap((name): Written[] =>
  [...read(name).matchAll(/^```yaml\n(apiVersion: cilium\.io[\s\S]*?)^```/gm)].map(([, text]) => {
    return { name, text }
  }),
)

/** Variables of cases; descriptions have no files. */
const place = {
  ...{ folder: '/tmp/case', trigger: '/tmp/trigger', program: '/tmp/program' },
  ...{ pid: 1, module: '', facts: {} },
}

/** What a kernel may lack: anything else is a fault of the policy or of the compiler. */
const ofKernel = new Set([
  ...['POLICY_HOOK', 'POLICY_HOOK_ARGUMENT', 'POLICY_FUNCTION', 'POLICY_ENFORCEMENT'],
  ...['POLICY_RESOLVE', 'POLICY_ARGUMENT_TYPE', 'POLICY_UNSUPPORTED'],
])

const known = knownDescriptions()
const table = readFileSync(tableFile, 'utf8')
const cells = tableCells(table)
/** The kernels of the table, in the order of its columns. */
const columns = table.split('\n').filter((line) => /^- \S+: /.test(line))

for (const name of describedNames) {
  const path = known.get(name)
  const skip = path === undefined && `it is not described; run: npm run describe:kernels ${name}`
  describe(`policies on kernel ${name}`, { skip }, () => {
    let kernel: DescribedKernel
    before(async () => {
      if (path !== undefined) kernel = describedKernel(await decodeKernel(readFileSync(path)))
    })

    it('of the library and of documents work, or fail for what the kernel lacks', () => {
      for (const written of [...library, ...examples]) {
        for (const check of checks(written, kernel)) assertOfKernel(check, written.name)
      }
    })

    it('of cases work, or fail for what the kernel lacks', () => {
      const wrong: string[] = []
      for (const policyCase of allCases) {
        const title = caseTitle(policyCase)
        const result = caseOnKernel(policyCase, kernel, place)
        if (result.check === undefined) continue
        assertOfKernel(result.check, title)
        if (result.kind === 'cannot' && mustWork(policyCase, kernel)) {
          wrong.push(`${title}: ${result.reason}`)
        }
        wrong.push(...unlikeTable(title, result))
      }
      assert.deepEqual(wrong, [], 'if the change is right: write-table.js')
    })

    /** Files of the machine that wrote the table decided about the others. */
    function unlikeTable(title: string, result: CaseOnKernel): string[] {
      const column = columns.indexOf(`- ${name}: ${kernel.release}`)
      if (column < 0 || result.kind === 'depends') return []
      const documented = cells.get(title)?.[column] ?? ''
      const cell = result.kind === 'runs' ? result.cell : '–'
      const isSame = documented === cell || (cell === '–' && documented.startsWith('–'))
      return isSame ? [] : [`${title}: ${cell}; the table has ${documented}`]
    }
  })
}

it('has policies to check', () => {
  assert.ok(library.length > 40, `${library.length} policies in the library`)
  assert.ok(examples.length > 0, 'no policies in documents')
  assert.ok(allCases.length > 100, `${allCases.length} cases`)
})

function checks({ name, text }: Written, kernel: DescribedKernel): readonly PolicyCheck[] {
  return readPolicies(text, name).documents.map((document) => checkPolicy(document, kernel))
}

function assertOfKernel(check: PolicyCheck, name: string): void {
  const ofFiles = check.verdict === 'depends' ? ['POLICY_FILE'] : []
  for (const { code, message } of errorsOf(check)) {
    const isExpected = ofKernel.has(code) || ofFiles.includes(code)
    assert.ok(isExpected && !message.startsWith('cannot compile it'), `${name}: ${message}`)
  }
}

/** Kernels where functions can be hooked run all cases but those of hooks, and their needs. */
function mustWork({ covers, needs = {} }: PolicyCase, { view, description }: DescribedKernel) {
  const { probes = [], functions = [], module = false } = needs
  const { facts } = description
  const hasProbes = probes.every((name) => facts.probes[name]?.answer === 'yes')
  const hasFunctions = functions.every((name) => view.hasSymbol(name))
  const hooksFunctions = !view.refuses('fentry') || !view.refuses('kprobe')
  return hooksFunctions && covers.kind !== 'hook' && hasProbes && hasFunctions && !module
}
