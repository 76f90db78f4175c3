import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
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

test('V8 takes the code that was made when the agent was packed', () => {
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
