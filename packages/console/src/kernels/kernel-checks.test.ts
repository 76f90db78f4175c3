import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeKernel } from '@tetragon-ts/compiler/kernel-description'
import { sampleDescription } from '@tetragon-ts/compiler/testing'
import { KernelChecks } from './kernel-checks.ts'
import type { KernelReport, KernelResult } from './protocol.ts'

const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p}\n'
const hook = '{call: missing_function, syscall: false}'
const textOf = (hooks: number) => `${head}spec:\n  kprobes:\n${`  - ${hook}\n`.repeat(hooks)}`

/** Checks with the sample kernel, whose number is 1. */
async function openChecks(now?: () => number) {
  const reports: KernelReport[] = []
  const checks = new KernelChecks((report) => reports.push(report), now)
  const bytes = await encodeKernel(sampleDescription(['kprobe']))
  await checks.handle({ kind: 'add', id: 1, bytes })
  const check = (number: number, text: string, kernels = [{ id: 1, name: 'sample' }]) =>
    checks.handle({ kind: 'check', number, text, kernels })
  const resultOf = (number: number): KernelResult | undefined => {
    const found = reports.find((each) => each.kind === 'checked' && each.number === number)
    return found?.kind === 'checked' ? found.result : undefined
  }
  return { checks, check, reports, resultOf, bytes }
}

test('a text is checked for kernels, and refusals have positions and kernels', async () => {
  const { check, resultOf } = await openChecks()
  await check(1, textOf(2))
  const { rows, findings, checks, failed } = resultOf(1)!
  assert.deepEqual([checks, failed], [1, 1])
  const [first] = rows
  const row = { policy: 'p', hook: 'missing_function', kernel: 'sample', result: 'fails' }
  assert.deepEqual(first, { ...row, backend: '-', enforcement: '-' })
  assert.deepEqual(
    findings.map(({ line, severity }) => [line, severity]),
    [
      [6, 'error'],
      [7, 'error'],
    ],
  )
  assert.match(findings[0].text, /^this kernel has no function missing_function.*; on sample$/)
})

test('what the editor finds without a kernel is not repeated', async () => {
  const { check, resultOf } = await openChecks()
  await check(1, `${head}spec: {kprobes: [{call: vfs_read, nothing: 1}, ${hook}]}`)
  await check(2, `${textOf(1)}    args: [{index: 0, type: strin}]\n`)
  assert.deepEqual(resultOf(1)?.findings, [])
  assert.deepEqual([resultOf(2)?.checks, resultOf(2)?.findings], [0, []])
})

test('a new text ends the check before it', async () => {
  const { check, reports, resultOf } = await openChecks()
  const long = check(1, textOf(500))
  await Promise.all([long, check(2, textOf(1))])
  assert.equal(resultOf(1), undefined)
  assert.equal(resultOf(2)?.rows.length, 1)
  assert.ok(!reports.some((each) => each.kind === 'failed'))
})

test('a check has a limit in time, and reports that it runs until then', async () => {
  let time = 0
  const { check, reports } = await openChecks(() => (time += 700))
  await check(1, textOf(500))
  const last = reports.at(-1)
  assert.ok(last?.kind === 'failed')
  assert.match(last.problem, /^check policies: it takes more than 60 s$/)
  const progress = reports.filter(({ kind }) => kind === 'progress')
  assert.ok(progress.length > 20, `${progress.length} reports`)
})

test('results are bounded', async () => {
  const { check, resultOf } = await openChecks()
  await check(1, textOf(600))
  const { rows, omitted, findings } = resultOf(1)!
  assert.deepEqual([rows.length, omitted, findings.length], [500, 100, 200])
})

test('kernels that cannot be used are reported, and the others are checked', async () => {
  const { checks, check, reports, resultOf, bytes } = await openChecks()
  await checks.handle({ kind: 'add', id: 2, bytes: bytes.subarray(0, 200) })
  const sample = sampleDescription()
  const architecture = process.arch === 'arm64' ? 'x64' : 'arm64'
  const other = await encodeKernel({ ...sample, facts: { ...sample.facts, architecture } })
  await checks.handle({ kind: 'add', id: 3, bytes: other })
  await checks.handle({ kind: 'add', id: 4, bytes })
  await checks.handle({ kind: 'remove', id: 4 })
  const kernels = [1, 2, 3, 4].map((id) => ({ id, name: `kernel ${id}` }))
  await check(1, textOf(1), kernels)
  assert.deepEqual(
    resultOf(1)?.rows.map(({ kernel }) => kernel),
    ['kernel 1'],
  )
  const problem = reports.find((each) => each.kind === 'unreadable')
  assert.equal(problem?.kind === 'unreadable' && problem.id, 2)
  assert.ok(reports.some((each) => each.kind === 'foreign' && each.architecture === architecture))
})
