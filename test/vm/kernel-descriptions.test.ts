import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { removeUnused } from './kernel-descriptions.ts'

test('descriptions of unused builds are removed, and nothing else', (t) => {
  const all = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  t.after(() => rmSync(all, { recursive: true }))
  const [used, recent, old, other] = ['a', 'b', 'c', 'work'].map((name) => {
    const path = join(all, name === 'work' ? name : name.repeat(16))
    mkdirSync(path)
    writeFileSync(join(path, 'host.kernel'), '')
    return path
  })
  const now = Date.now()
  const monthAgo = new Date(now - 30 * 24 * 3_600_000)
  for (const path of [used, old, other]) utimesSync(path, monthAgo, monthAgo)
  removeUnused(all, used, now)
  const left = [used, recent, other].map((path) => path.slice(all.length + 1))
  assert.deepEqual(readdirSync(all).sort(), left.sort())
})
