import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { workload } from '@tetragon-ts/test/workloads'
import { policy, refuse } from './attack.ts'
import { Overlay } from './overlay.ts'

/** What can refuse an open here: the option that permits it. */
function refusing(): string | undefined {
  if (probe('lsm').answer === 'yes') return ''
  const method = 'options: [{name: override-method, value: fmod-ret}]'
  return probe('fmod_ret').answer === 'yes' ? method : undefined
}

/** O_WRONLY, O_RDWR, O_TRUNC. */
const writing = 515

// An overlay opens the files of its layers itself, and copies them up when they are written to:
// that is not what the process does.
describe('files on an overlay', () => {
  let run: PolicyRun
  let overlay: Overlay
  let shell: string
  let lacking: string | undefined
  before(async () => {
    run = await PolicyRun.start()
    overlay = new Overlay(run.folder)
    const names = ['read', 'written', 'renamed', 'truncated', 'linked', 'changed', 'allowed']
    for (const name of names) writeFileSync(join(overlay.image, `${name}.layered`), 'image\n')
    mkdirSync(join(overlay.image, 'folder.layered'))
    lacking = overlay.mount()
    shell = join(run.folder, 'shell')
    copyFileSync('/bin/sh', shell)
  })
  after(async () => {
    overlay?.remove()
    await run?.stop()
  })

  /** Opens files and folders by redirection, in the overlay. @returns the paths in its events */
  async function opened(script: string, program = shell): Promise<(string | undefined)[]> {
    const started = run.spawn(program, ['-ec', script], { folder: overlay.merged })
    const events = await run.finish(started)
    assert.equal(await started.ended, 0, started.output)
    return events.map(({ args }) => args[0].file_arg?.path)
  }
  /** Loads a policy with one hook for opened files while something is done. */
  async function under<T>(options: string, selector: string, act: () => Promise<T>): Promise<T> {
    const loaded = await run.load(
      policy(
        'opened-files',
        `${options}
kprobes:
- call: security_file_open
  syscall: false
  args: [{index: 0, type: file}, {index: 0, type: uint32, resolve: f_flags}]
  selectors: [{${selector}}]`,
      ),
    )
    try {
      return await act()
    } finally {
      await run.unload(loaded)
    }
  }
  const skips = (t: TestContext): boolean => {
    if (lacking !== undefined) t.skip(lacking)
    return lacking !== undefined
  }

  it('are opened once, whatever the overlay opens', async (t) => {
    if (skips(t)) return
    const names = ['read', 'written', 'folder'].map((name) => `${name}.layered`)
    const [read, written, folder] = names
    const paths = await under(
      '',
      'matchArgs: [{index: 0, operator: Postfix, values: [layered]}]',
      () => opened(`: < ${read}; : >> ${written}; : < ${written}; : < ${folder}`),
    )
    const expected = [read, written, written, folder].map((name) => join(overlay.merged, name))
    assert.deepEqual(paths, expected)
  })

  it('are not taken for files in memory, which the kernel mounts for itself as well', async (t) => {
    const trigger = await workload('trigger')
    const words = ['memfd', 'layered', '--', 'open', '/proc/self/fd/3']
    const paths = await under(
      '',
      'matchArgs: [{index: 0, operator: Postfix, values: [layered]}]',
      async () => {
        const events = await run.finish(run.spawn(trigger, words))
        return events.map(({ args }) => args[0].file_arg?.path)
      },
    )
    assert.deepEqual(paths, ['/memfd:layered'], t.name)
  })

  it('are written to for the first time under policies about other files', async (t) => {
    const options = refusing()
    if (options === undefined) return t.skip('nothing can refuse an open here')
    if (skips(t)) return
    const flags = `{args: [1], operator: Mask, values: ["${writing}"]}`
    const actions = `matchActions: [${refuse}]`
    const script = [
      'echo more >> changed.layered',
      ': > truncated.layered',
      'mv renamed.layered renamed',
      'ln linked.layered linked',
      'chmod 600 read.layered',
      'echo new > new',
      'rm new',
    ].join('\n')
    const path = '{index: 0, operator: Prefix, values: ["/nowhere/"]}'
    const elsewhere = `matchArgs: [${flags}, ${path}], ${actions}`
    assert.deepEqual(await under(options, elsewhere, () => opened(script)), [])
    // Only there: the files of the layers have other paths.
    const there = `{index: 0, operator: NotPrefix, values: ["${overlay.merged}/"]}`
    const binaries = `matchBinaries: [{operator: In, values: ["${shell}"]}]`
    const only = `${binaries}, matchArgs: [${flags}, ${there}], ${actions}`
    assert.deepEqual(await under(options, only, () => opened('echo more >> allowed.layered')), [])
  })
})
