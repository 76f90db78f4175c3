import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { probe } from '@tetragon-ts/ebpf/features'
import { repositoryRoot } from '../../vm/repository.ts'
import { Attacked, attempts, type Loaded, type Operation, type Tally } from './attack.ts'

const library = join(repositoryRoot, 'policies', 'enforce')

interface Attack {
  readonly operations: readonly Operation[]
  /** Makes the policy protect what is attacked. */
  adapt(text: string, attacked: Attacked): string
  readonly result: Tally
  /** Whether this kernel must be able to run it. */
  isPossible(): boolean
}

const unseen = { attempts, effects: 0 }
const attacks: Readonly<Record<string, Attack>> = {
  'exec-from-writable-folders.yaml': {
    operations: ['exec', 'execveat'],
    // Tests may run in such a folder.
    adapt: (text, { run }) => text.replace(/"\/(tmp|var\/tmp|dev\/shm)\/"/g, `"${run.folder}/"`),
    result: { ...unseen, killed: attempts, refused: {} },
    isPossible: () => true,
  },
  'secrets.yaml': {
    operations: ['open', 'openat2', 'path-fd', 'handle', 'write'],
    adapt: (text, { file }) => text.replace('/etc/shadow', file),
    result: { ...unseen, killed: 0, refused: { 1: attempts } },
    isPossible: () => probe('lsm').answer === 'yes',
  },
}

describe('policies that enforce', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  it('have attacks', () => {
    assert.deepEqual(readdirSync(library).sort(), Object.keys(attacks))
    const readme = readFileSync(join(library, '../README.md'), 'utf8')
    for (const file of Object.keys(attacks)) assert.ok(readme.includes(`\`enforce/${file}\``), file)
  })

  for (const [file, { operations, adapt, result, isPossible }] of Object.entries(attacks)) {
    it(`${file} prevents what it says`, async (t) => {
      const text = readFileSync(join(library, file), 'utf8')
      assert.match(text, /^#.*\n(#.*\n)*# Means: .*\n(#.*\n)*# Cost: .*\n(#.*\n)*apiVersion:/)
      for (const operation of operations) await attacked.succeeds(operation, 'child')
      let loaded: Loaded
      try {
        loaded = await attacked.run.load(adapt(text, attacked))
      } catch (error) {
        if (!(error instanceof PolicyError) || isPossible()) throw error
        return t.skip(error.message)
      }
      try {
        for (const operation of operations) {
          assert.deepEqual((await attacked.attack(operation, 'child')).tally, result, operation)
        }
      } finally {
        await attacked.run.unload(loaded)
      }
    })
  }
})
