import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Script } from 'node:vm'
import { agentProgram } from './testing/index.ts'

/** Prints for each script that has V8's code whether V8 refused that. */
const report = `
const vm = require('node:vm')
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options)
    if (options?.cachedData) process.stderr.write(this.cachedDataRejected ? 'refused ' : 'taken ')
  }
}`

/** The words of the header that identify V8: a magic number and its version. */
const versionOf = (code: Buffer) => code.subarray(0, 8)

/** The code of the build is that of the Node.js release that made it. */
function builtByAnother(): string | false {
  const bundle = join(dirname(agentProgram), '../bundle')
  const file = readdirSync(bundle).find((name) => name.endsWith('.v8'))
  assert.ok(file)
  const here = new Script('').createCachedData()
  if (versionOf(readFileSync(join(bundle, file))).equals(versionOf(here))) return false
  return `the agent was packed by a Node.js release with another V8 than ${process.versions.v8}`
}

test('V8 takes the code that was made when the agent was packed', (t) => {
  const other = builtByAnother()
  if (other) return t.skip(other)
  const folder = mkdtempSync(join(tmpdir(), 'tetragon-code-'))
  try {
    const preload = join(folder, 'report.cjs')
    writeFileSync(preload, report)
    const [, options] = /^set -- (.*) "\$0" "\$@"$/m.exec(readFileSync(agentProgram, 'utf8')) ?? []
    assert.ok(options)
    const words = [...options.split(' '), '--require', preload, agentProgram, '--help']
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.match(stderr, /^(taken )+$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
