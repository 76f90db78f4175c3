import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { EventLogService, parseEvent, serviceDefinition } from '@tetragon-ts/api'
import { makeTestFolder, RunningAgent } from '../../testing/index.ts'
import { until } from '../../testing/until.ts'
import { megabyte } from './export-file.ts'

/**
 * Starts processes until there are this many more events. An event has eight kilobytes because of
 * long arguments: starting processes is slow on emulated processors.
 */
function makeEvents(count: number): void {
  const script = `i=0; while [ $i -lt ${count / 2} ]; do /bin/true $i $1; i=$((i + 1)); done`
  spawnSync('/bin/sh', ['-c', script, 'sh', 'x'.repeat(4000)])
}

/** The service of an agent that listens on a socket. */
class EventLogClient {
  readonly #definition = serviceDefinition(EventLogService)
  readonly #client: Client

  constructor(socket: string) {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure())
  }

  call(name: 'GetEventLogParams' | 'SetEventLogParams', request: object = {}): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = this.#definition[name]
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize as (request: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => object,
        request,
        (error, response) => (error ? reject(error) : resolve(response as object)),
      )
    })
  }

  close(): void {
    this.#client.close()
  }
}

describe('the export file of an agent', () => {
  const home = makeTestFolder()
  const folder = join(home, 'log', 'tetragon')
  const path = join(folder, 'events.json')
  let agent: RunningAgent

  const names = (): string[] => readdirSync(folder).sort()
  const isThere = (text: string): boolean => {
    try {
      return readFileSync(path, 'utf8').includes(text)
    } catch {
      return false
    }
  }
  /** Starts a program until the file contains an event of it. */
  const seeNext = (text: string) =>
    until(`${text} is in the file`, () => {
      spawnSync('/bin/true', [text])
      return isThere(text)
    })
  /** The content of the file while the agent is not writing: a read may see part of a write. */
  const settled = async (): Promise<string> => {
    let content = ''
    await until('the agent is not writing', () => {
      content = readFileSync(path, 'utf8')
      return content.endsWith('\n')
    })
    return content
  }
  const assertWhole = (content: string): void => {
    assert.ok(content.endsWith('\n'))
    for (const line of content.slice(0, -1).split('\n')) assert.ok(parseEvent(line).ok, line)
  }

  before(async () => {
    const options = ['--export-file-compress', '--export-file-max-size-mb=1']
    agent = await RunningAgent.start('--export-filename', path, ...options)
  })
  after(async () => {
    await agent?.remove()
    spawnSync('umount', ['-l', home], { stdio: 'ignore' })
    rmSync(home, { recursive: true, force: true })
  })

  /** Content of a file; undefined if it has been compressed. */
  function contentOf(name: string): Buffer | undefined {
    try {
      return readFileSync(join(folder, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  it('is rotated, and the old file is compressed', async () => {
    const isCompressed = (): boolean => names().some((name) => name.endsWith('.json.gz'))
    await until('there is a backup', () => {
      makeEvents(100)
      return isCompressed()
    })
    for (const name of names()) {
      const content = contentOf(name)
      if (!content) continue
      if (name.endsWith('.gz')) assertWhole(gunzipSync(content).toString())
      assert.ok(name.endsWith('.gz') || content.length <= 2 ** 20)
    }
  })

  it('is rotated differently when a client changes the limits', async () => {
    const socket = join(agent.folder, 'tetragon.sock')
    await until('there is a server', () => existsSync(socket))
    const client = new EventLogClient(socket)
    const params = () => client.call('GetEventLogParams')
    assert.deepEqual(await params(), { max_size: 1, rotation_interval: '0s', max_backups: 5 })
    for (const wrong of [{ rotation_interval: 'soon' }, { max_size: -1 }, { max_backups: -1 }]) {
      await assert.rejects(client.call('SetEventLogParams', wrong), /INVALID_ARGUMENT/)
    }
    await client.call('SetEventLogParams', { rotation_interval: '1s', max_backups: 1 })
    assert.deepEqual(await params(), { max_size: 1, rotation_interval: '1s', max_backups: 1 })
    const before = names()
    await until('there is another backup, and one only', () => {
      const backups = names().filter((name) => name !== 'events.json')
      return backups.length === 1 && !before.includes(backups[0])
    })
    await client.call('SetEventLogParams', { rotation_interval: '0s', max_size: 100 })
    client.close()
  })

  it('is created again when it is moved, and when its folder vanishes', async () => {
    await seeNext('before-move')
    const moved = `${path}.1`
    renameSync(path, moved)
    await seeNext('after-move')
    assertWhole(readFileSync(moved, 'utf8'))
    rmSync(join(home, 'log'), { recursive: true })
    await seeNext('after-removal')
    assertWhole(await settled())
  })

  it('continues when a full disk has space again', async () => {
    // The folder disappears for the agent, but not the file system. All processes of the machine
    // have events: they must not fill it again before the test has seen its own.
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'small', home]).status, 0)
    await seeNext('on-the-small-disk')
    const filler = join(home, 'filler')
    assert.throws(() => writeFileSync(filler, Buffer.alloc(64 * megabyte)), { code: 'ENOSPC' })
    await until('the disk is full', () => {
      makeEvents(20)
      return agent.stderr.includes('ENOSPC')
    })
    makeEvents(10)
    rmSync(filler)
    await seeNext('after-the-full-disk')
    assertWhole(await settled())
    await until('the loss is reported', () => /could not be written: \d+/.test(agent.stderr))
  })

  it('has no partial line after an agent was killed', async () => {
    const target = join(agent.folder, 'killed.json')
    for (let round = 0; round < 2; round++) {
      const victim = await RunningAgent.start('--export-filename', target)
      const load = spawn('/bin/sh', ['-c', 'while :; do /bin/true; done'])
      await sleep(100 * Math.random())
      await victim.stop('SIGKILL')
      load.kill()
      await victim.remove()
    }
    appendFileSync(target, '{"process_exec":{"process":{"exec_id":"')
    const last = await RunningAgent.start('--export-filename', target)
    await last.stop()
    await last.remove()
    assertWhole(readFileSync(target, 'utf8'))
  })
})
