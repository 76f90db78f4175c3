import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import { componentsOf } from './bill-schema.ts'

it('packages for npm have bills of what an installation brings', () => {
  const script = join(repositoryRoot, 'scripts/npm-packages.mjs')
  const { stdout } = spawnSync(process.execPath, [script, 'ebpf'], { encoding: 'utf8' })
  const names = componentsOf(stdout.trim())
  assert.deepEqual(names, [`@koromix/koffi-linux-${process.arch}`, 'koffi'])
})
