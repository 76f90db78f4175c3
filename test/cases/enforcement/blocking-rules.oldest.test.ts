import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isFull, isMain, makeTestFolder, RunningAgent } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'

/** Whether an operation is refused. */
function refused(operation: () => unknown): boolean {
  try {
    operation()
    return false
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EPERM')
    return true
  }
}

const hasMeans = [probe('lsm'), probe('fmod_ret')].some(({ answer }) => answer === 'yes')

// One agent for all cases. The kernel of a machine without means only has the first one. Two
// kernels have two rules each: an emulated processor takes half a minute for the hooks of one.
describe('rules that block', () => {
  const folder = makeTestFolder()
  const kept = join(folder, 'kept')
  const file = (name: string): string => join(kept, name)
  const reader = join(folder, 'reader')
  let agent: RunningAgent

  before(async () => {
    mkdirSync(kept)
    for (const name of ['written', 'read', 'removed']) writeFileSync(file(name), name)
    copyFileSync('/bin/cat', reader)
    const rule = (title: string, source: string, detection: string): string => `
title: ${title}
logsource: { product: linux, category: ${source} }
detection:
  s: { ${detection} }
  exception: { Image|endswith: /reader }
  condition: s and not exception
action: block
---`
    const rules = join(folder, 'rules.yaml')
    const texts = [
      rule('Write', 'file_event', `TargetFilename|startswith|cased: ${kept}/w`),
      rule('Connect', 'network_connection', "DestinationIp: 127.0.0.1, DestinationPort: '9'"),
      rule('Read', 'file_access', `TargetFilename|cased: ${file('read')}`),
      rule('Remove', 'file_delete', `TargetFilename|startswith|cased: ${kept}/`),
    ]
    const here = isMain ? texts.slice(0, 2) : texts.slice(2)
    writeFileSync(rules, (isFull ? texts : here).join(''))
    agent = await RunningAgent.start('--rules', rules)
    await agent.rulesRead()
  })
  after(async () => {
    await agent?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  it('say why one is not in force', { skip: hasMeans && 'the kernel has means' }, () => {
    for (const title of ['Write', 'Read', 'Remove', 'Connect']) {
      const line = new RegExp(`block of detection rule ${title} is not in force: cannot .*lsm: `)
      assert.match(agent.stderr, line)
    }
  })

  const skip = !hasMeans && 'the kernel has no means for Override at LSM hooks'
  const first = { skip: skip || (!isFull && !isMain && 'the main kernel shows it') }
  const second = { skip: skip || (isMain && 'the oldest kernel shows it') }

  it('refuse writing, and nothing else', first, () => {
    assert.equal(
      refused(() => writeFileSync(file('written'), 'x')),
      true,
    )
    assert.equal(readFileSync(file('written'), 'utf8'), 'written')
    writeFileSync(file('other'), 'x')
  })

  it('refuse reading, but neither writing nor the exception', second, () => {
    assert.equal(
      refused(() => readFileSync(file('read'))),
      true,
    )
    writeFileSync(file('read'), 'changed')
    assert.equal(spawnSync(reader, [file('read')], { encoding: 'utf8' }).stdout, 'changed')
  })

  it('refuse the removal of files and folders below a folder', second, () => {
    mkdirSync(file('inner'))
    writeFileSync(join(folder, 'outside'), '')
    assert.equal(
      refused(() => unlinkSync(file('removed'))),
      true,
    )
    assert.equal(
      refused(() => rmdirSync(file('inner'))),
      true,
    )
    assert.ok(existsSync(file('removed')))
    unlinkSync(join(folder, 'outside'))
  })

  it('refuse connections to an address and port', first, async () => {
    const codeOf = (port: number) =>
      new Promise<string | undefined>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        socket.once('connect', () => {
          socket.destroy()
          resolve(undefined)
        })
      })
    assert.equal(await codeOf(9), 'EPERM')
    assert.notEqual(await codeOf(10), 'EPERM')
  })
})
