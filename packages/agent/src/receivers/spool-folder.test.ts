import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openSpoolFolder } from './spool-folder.ts'

describe('the folder of spools', () => {
  let folder: string
  let warnings: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spools-'))
    warnings = []
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const open = (...outputs: readonly string[]) => {
    return openSpoolFolder(folder, outputs, (message) => warnings.push(message))
  }
  const spooled = (name: string) => `${name}=http://localhost:1?spool=16M`
  const leave = (name: string): void => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, '000000000000001.segment'), 'x'.repeat(100))
  }

  it('has a folder for each output, also for one that is called lock', () => {
    assert.equal(open(spooled('lock'), spooled('lake'), 'other=http://localhost:1'), undefined)
    assert.deepEqual(readdirSync(folder).sort(), ['.lock', 'lake', 'lock'])
    assert.deepEqual(warnings, [])
  })

  it('is not used without its lock', () => {
    const failure = openSpoolFolder('/proc/spools', [spooled('lake')], (message) => {
      warnings.push(message)
    })
    assert.match(failure ?? '', /^open the folder of spools \/proc\/spools: ENOENT/)
    assert.deepEqual(warnings, [`${failure}; events wait in memory until the agent is restarted`])
  })

  it('reports events of outputs that are gone, and ignores what is no spool', () => {
    leave('gone')
    for (const name of ['empty', 'strange']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'file'), 'x')
    symlinkSync('/dev/zero', join(folder, 'strange', '000000000000001.segment'))
    mkdirSync(join(folder, 'strange', '000000000000002.segment'))
    symlinkSync('/dev/zero', join(folder, 'strange', 'position'))
    open(spooled('lake'))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /^80 bytes of events in .*gone have no output gone: restore its/)
  })

  it('of another agent is not judged by one without spools', () => {
    leave('gone')
    open()
    assert.equal(warnings.length, 1)
    warnings = []
    const holder = spawnSync(
      'flock',
      [
        join(folder, '.lock'),
        process.execPath,
        '--input-type=module',
        '-e',
        `const { openSpoolFolder } = await import(${JSON.stringify(new URL('./spool-folder.js', import.meta.url).href)})
         openSpoolFolder(process.argv[1], [], console.log)`,
        folder,
      ],
      { encoding: 'utf8' },
    )
    assert.deepEqual([holder.status, holder.stdout], [0, ''], holder.stderr)
  })
})
