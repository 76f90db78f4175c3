import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CaseCollector } from './case-collector.ts'
import { reporterVariables } from './case-reporter.ts'
import { runFilesTogether, type Together, unitsTogether } from './run-together.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-together-'))
after(() => rmSync(folder, { recursive: true }))

const runner = join(folder, 'run.mjs')
const suites = new URL('./file-suites.js', import.meta.url).href
writeFileSync(
  runner,
  `import { createRequire } from 'node:module'
  import { declareFiles } from '${suites}'
  const load = (name) => createRequire(import.meta.url)('./' + name + '.cjs')
  declareFiles(load, process.argv.slice(2))`,
)

const packed: Together = { runner, options: [], name: ({ source }) => source }
const units: Together = { ...unitsTogether, name: ({ source }) => join(folder, `${source}.cjs`) }

const good = "it('good', () => {})"

/** Runs files with these bodies in one process, and returns the results of the cases. */
async function outcomes(
  bodies: Record<string, string>,
  timeoutMs = 60_000,
  together: Together = packed,
  shown: (error: string) => string = (error) => error.split('\n')[0],
): Promise<string[]> {
  const results = join(folder, 'results.jsonl')
  writeFileSync(results, '')
  const files = Object.entries(bodies).map(([name, body]) => {
    writeFileSync(
      join(folder, `${name}.cjs`),
      `const { it, after } = require('node:test')\n${body}`,
    )
    return { source: name, compiled: `${name}.js` }
  })
  const names = files.map(({ source }) => source)
  const collector = new CaseCollector(names, () => {})
  const write = (record: object) => appendFileSync(results, `${JSON.stringify(record)}\n`)
  await runFilesTogether({ files, timeoutMs, results }, write, together)
  for (const line of readFileSync(results, 'utf8').split('\n')) collector.line(line)
  collector.close('not reported')
  return collector.cases.map(
    ({ outcome, file, name, error }) =>
      `${outcome} ${file} > ${name}${error === undefined ? '' : `: ${shown(error)}`}`,
  )
}

/** Longer than any working file takes: many times the usual duration, for busy machines. */
async function enough(): Promise<number> {
  const started = performance.now()
  await outcomes({ a: good, b: good })
  return Math.max(3000, 10 * (performance.now() - started))
}

for (const [kind, together] of Object.entries({ packed, units })) {
  const run = (bodies: Record<string, string>) => outcomes(bodies, 60_000, together)
  describe(`${kind} files in one process`, () => {
    it('runs each file in one process, under the name of its source', async () => {
      const share = 'globalThis.loaded = (globalThis.loaded ?? 0) + 1'
      const bad = "it('bad', () => { throw new Error('loaded ' + globalThis.loaded) })"
      assert.deepEqual(await run({ a: `${share}; ${good}`, b: `${share}; ${bad}`, c: good }), [
        'passed a > good',
        'failed b > bad: Error: loaded 2',
        'passed c > good',
      ])
    })

    it('blames the file that crashes, and runs the others', async () => {
      const crash = `${good}; it('crash', () => process.kill(process.pid, 'SIGKILL'))`
      assert.deepEqual(await run({ a: good, b: crash, c: good, d: good }), [
        'passed a > good',
        'failed b > (whole file): ended by SIGKILL',
        'passed c > good',
        'passed d > good',
      ])
    })

    it('blames the file that crashes when it is loaded', async () => {
      assert.deepEqual(await run({ a: good, b: 'process.exit(7)', c: good }), [
        'failed b > (whole file): exit code 7',
        'passed a > good',
        'passed c > good',
      ])
    })

    it('fails a file that throws when it is loaded, in its place', async () => {
      const [a, b, c] = await run({ a: good, b: "throw new Error('no map')", c: good })
      assert.deepEqual([a, c], ['passed a > good', 'passed c > good'])
      assert.match(b, /^failed b > \(whole file\): Error: no map/)
    })
  })
}

describe('runFilesTogether', () => {
  it('ends a file that hangs, and runs the others', async () => {
    const hang = "it('hang', () => new Promise((resolve) => setTimeout(resolve, 600_000)))"
    const [a, b, c] = await outcomes({ a: good, b: hang, c: good }, await enough())
    assert.deepEqual([a, c], ['passed a > good', 'passed c > good'])
    assert.match(b, /^failed b > \(whole file\): timed out after \d+ s/)
  })

  it('fails a file without a test', async () => {
    assert.deepEqual(await outcomes({ a: '', b: good }), [
      'failed a > (whole file): the file contains no test',
      'passed b > good',
    ])
  })

  it('ends a process that its tests keep alive, and names what is left', async (t) => {
    process.env[reporterVariables.lingerMs] = '500'
    t.after(() => delete process.env[reporterVariables.lingerMs])
    const child = "require('node:child_process').spawn('/bin/sh', ['-c', 'read go; :'])"
    const bad = `it('bad', () => { ${child}; throw new Error('no map') })`
    const results = await outcomes({ a: good, b: bad }, 60_000, packed, (text) => text)
    assert.equal(results[0], 'passed a > good')
    assert.match(results[1], /^failed b > bad: Error: no map/)
    assert.match(results[2], /^failed b > \(whole file\): did not end after its last test/)
    assert.match(
      results[2],
      /still runs 0.5 s after its last test, with:\nprocess \d+ of \d+: \/bin\/sh -c read go; :\nresources: .*PipeWrap/,
    )
  })
})
