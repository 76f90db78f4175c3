import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runTetra } from '../testing/run-tetra.ts'
import { StartedTetra } from '../testing/started-tetra.ts'

const folder = mkdtempSync(join(tmpdir(), 'recorded-'))
after(() => rmSync(folder, { recursive: true }))

const [first, second] = [join(folder, 'tetragon.log'), join(folder, 'with,comma.log')]
for (const path of [first, second]) writeFileSync(path, '{"process_exec":{}}\n')

describe('tetra console --log', () => {
  it('takes files like those that a shell makes of a pattern', async () => {
    for (const args of [
      ['--log', first, second],
      ['--log', first, '--log', second],
    ]) {
      const started = new StartedTetra(['console', ...args])
      await started.until('the address', () => started.lines.length > 0)
      assert.match(started.out, /^http:\/\/127\.0\.0\.1:\d+\/\?token=/)
      assert.equal(await started.interrupt(), 0)
    }
  })

  it('reports a file that it cannot read, and ends', async () => {
    const { out, err, code } = await runTetra(['console', '--log', first, join(folder, 'nowhere')])
    assert.deepEqual([out, code], ['', 1])
    assert.match(err, /read .*nowhere: ENOENT: /)
  })

  it('needs no agent, and no options about one', async () => {
    for (const [option, ...value] of [
      ['--server-address', 'node1:54321'],
      ['--cluster'],
      ['--allow-changes'],
    ]) {
      const { err, code } = await runTetra(['console', '--log', first, option, ...value])
      assert.equal(code, 2)
      assert.ok(err.includes(`${option} needs an agent: omit it with --log`), err)
    }
  })

  it('is needed for files', async () => {
    const { err, code } = await runTetra(['console', first])
    assert.equal(code, 2)
    assert.match(err, /unexpected argument/)
  })
})
