import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CaseCollector } from './case-collector.ts'
import { runFiles } from './run-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-files-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs a test file with this body and returns the results of its cases. */
async function outcomes(name: string, body: string, timeoutMs = 60_000): Promise<string[]> {
  const compiled = join(folder, `${name}.mjs`)
  const results = join(folder, `${name}.jsonl`)
  const imports =
    "import { describe, it, test } from 'node:test'\nimport assert from 'node:assert'\n"
  writeFileSync(compiled, imports + body)
  await runFiles({
    files: [{ source: name, compiled }],
    concurrency: 1,
    together: 'host',
    timeoutMs,
    results,
  })
  const collector = new CaseCollector([name], () => {})
  for (const line of readFileSync(results, 'utf8').split('\n')) collector.line(line)
  collector.close('not reported')
  return collector.cases.map(
    (record) =>
      `${record.outcome} ${record.name}: ${record.reason ?? record.error?.split('\n')[0]}`,
  )
}

describe('runFiles', () => {
  it('reports each case under its full name', async () => {
    const body = `
      describe('outer', () => {
        describe('inner', () => { it('one', () => {}); it('two', (t) => t.skip('no such hook')) })
        it('three', () => assert.fail('broken'))
      })
      test('parent', async (t) => { await t.test('child', () => {}) })
      describe('empty', () => {})`
    assert.deepEqual(await outcomes('names', body), [
      'passed outer > inner > one: undefined',
      'skipped outer > inner > two: no such hook',
      'failed outer > three: AssertionError [ERR_ASSERTION]: broken',
      'passed parent > child: undefined',
    ])
  })

  it('reports a suite whose hook fails', async () => {
    const body = `
      import { before } from 'node:test'
      describe('suite', () => { before(() => { throw new Error('no map') }); it('one', () => {}) })`
    const found = await outcomes('hook', body)
    assert.ok(found.some((line) => line.startsWith('failed suite') && line.includes('no map')))
  })

  it('fails a file that contains no test', async () => {
    assert.deepEqual(await outcomes('none', 'console.log(1)'), [
      'failed (whole file): the file contains no test',
    ])
  })

  it('keeps the cases that came before a crash', async () => {
    const body = `
      it('good', () => {})
      it('bad', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200))
        process.kill(process.pid, 'SIGKILL')
      })`
    assert.deepEqual(await outcomes('crash', body), [
      'passed good: undefined',
      'failed (whole file): ended by SIGKILL in or after the case "bad"',
    ])
  })

  it('ends a file that hangs', async () => {
    const body = "it('hangs', () => new Promise((resolve) => setTimeout(resolve, 600_000)))"
    assert.deepEqual(await outcomes('hang', body, 1500), [
      'failed (whole file): timed out after 2 s in or after the case "hangs"',
    ])
  })
})
