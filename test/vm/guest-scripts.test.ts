import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type GuestTask, initScript, shellQuote, startScript } from './guest-scripts.ts'

const task: GuestTask = {
  command: ['echo', "it's; rm -rf $HOME"],
  env: { NAME: 'a b' },
  cwd: '/folder',
  repository: '/tmp/clone',
  runFolder: '/tmp/clone/.cache/vm/x',
  writable: ['/srv/out put'],
}

describe('shellQuote', () => {
  it('gives the shell back what it was given', () => {
    const word = fc.string().filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(word, (text) => {
        const result = spawnSync('sh', ['-c', `printf %s ${shellQuote(text)}`])
        assert.equal(result.stdout.toString(), text)
      }),
      { numRuns: 30 },
    )
  })
})

describe('guest scripts', () => {
  it('are what a shell understands', () => {
    for (const script of [initScript(task, ['fuse.ko']), startScript(task)]) {
      const check = spawnSync('sh', ['-n'], { input: script })
      assert.equal(check.stderr.toString(), '')
      assert.equal(check.status, 0)
    }
  })

  it('load modules before the root is mounted', () => {
    const script = initScript(task, ['fuse.ko', 'virtiofs.ko'])
    const at = (text: string) => script.indexOf(text)
    assert.ok(at('insmod /modules/fuse.ko') > 0)
    assert.ok(at('insmod /modules/fuse.ko') < at('insmod /modules/virtiofs.ko'))
    assert.ok(at('insmod /modules/virtiofs.ko') < at('mount -t virtiofs'))
  })
})
