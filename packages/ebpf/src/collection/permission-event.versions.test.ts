import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MarkedFiles, permissionEvent, program } from '../lang/index.ts'
import { answerByProgram, FanotifyLink, type OnFailure } from '../links/index.ts'
import { hashMap } from '../maps/index.ts'
import type { LoadedProgram } from '../programs/index.ts'
import { u32, u64 } from '../records/index.ts'
import { probe } from '../testing/index.ts'
import { Collection } from './index.ts'

const { answer, reason } = probe('fanotify')

describe('permission events of files', { skip: answer !== 'yes' && reason }, () => {
  const folder = mkdtempSync('/dev/shm/ebpf-test-')
  const file = join(folder, 'file')
  writeFileSync(file, 'f')
  after(() => rmSync(folder, { recursive: true }))
  const paths = [file, join(folder, 'none/file')]
  const files: MarkedFiles = { event: 'open', root: '/', paths }
  const asked = hashMap('asked', { key: u32, value: u64, maxEntries: 16 })

  function load(collection: Collection, result: number): LoadedProgram {
    return collection.load(
      program('asked', permissionEvent(), (k, _, thread) => {
        k.update(asked, thread, 1)
        k.exit(result)
      }),
    )
  }

  /** A process that reads the file, while events are answered. */
  async function read(link: FanotifyLink, loaded?: LoadedProgram, onFailure: OnFailure = 'deny') {
    link.mark()
    const child = spawn('/bin/cat', [file], { stdio: 'ignore' })
    const failures: Error[] = []
    const ended = new Promise((resolve) => child.once('close', resolve))
    const failed = (error: Error) => failures.push(error)
    while (child.exitCode === null) {
      await sleep(1)
      if (loaded) answerByProgram(link.fd, loaded.fd, onFailure, failed)
    }
    return { pid: child.pid, status: await ended, failures }
  }

  for (const [what, result] of Object.entries({ allows: 0, denies: 1 })) {
    it(`are answered by the program (${what}), which gets the thread ID`, async () => {
      using collection = new Collection()
      const loaded = load(collection, result)
      using link = FanotifyLink.open(files)
      const { pid, status, failures } = await read(link, loaded)
      assert.deepEqual([status, failures], [result, []])
      assert.deepEqual([...collection.map(asked).keys()], [pid])
    })
  }

  it('are denied or allowed, as asked, if the program cannot run', async () => {
    using link = FanotifyLink.open(files)
    // A descriptor of no program.
    const none = { fd: link.fd } as LoadedProgram
    const denied = await read(link, none)
    assert.equal(denied.status, 1)
    const allowed = await read(link, none, 'allow')
    assert.equal(allowed.status, 0)
    for (const { failures } of [denied, allowed]) {
      assert.match(failures[0].message, /^run program for permission event: EINVAL/)
    }
  })

  it('pass when the link is closed', async () => {
    const link = FanotifyLink.open(files)
    const reading = read(link)
    await sleep(50)
    link.close()
    assert.equal((await reading).status, 0)
  })

  it('are not made for missing folders and symbolic links, which is reported', () => {
    using link = FanotifyLink.open(files)
    const none = join(folder, 'none')
    const problem = (error: string) => new RegExp(`^${none}: open ${none}: ${error} `)
    const mark = () => link.mark().join()
    assert.match(mark(), problem('ENOENT'))
    symlinkSync('/usr/bin', none)
    assert.match(mark(), problem('ELOOP'))
    unlinkSync(none)
    mkdirSync(none)
    assert.equal(mark(), '')
    symlinkSync(file, join(none, 'file'))
    assert.match(mark(), new RegExp(`^${none}/file: open ${none}/file: ELOOP `))
  })
})
