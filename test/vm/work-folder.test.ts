import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makerOf, makeWorkFolder } from './work-folder.ts'

const parent = mkdtempSync(join(tmpdir(), 'work-folder-'))
after(() => rmSync(parent, { recursive: true }))

describe('makeWorkFolder', () => {
  it('removes what dead processes left, and nothing else', async () => {
    const dead = spawnSync('true').pid
    mkdirSync(join(parent, `6.12-p${dead}-abcdef`))
    mkdirSync(join(parent, `6.12-p${process.pid}-abcdef`))
    mkdirSync(join(parent, '6.12'))
    const made = await makeWorkFolder(parent, 'fetch')
    assert.equal(makerOf(basename(made)), process.pid)
    assert.deepEqual(
      readdirSync(parent).sort(),
      ['6.12', `6.12-p${process.pid}-abcdef`, basename(made)].sort(),
    )
  })
})
