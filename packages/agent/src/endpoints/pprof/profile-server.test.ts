import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { HttpListener } from '@tetragon-ts/service/listen/http'
import { Log } from '../../log/log.ts'
import { CpuProfiler } from '../../reader/cpu-profiler.ts'
import { startProfiles } from './pprof-endpoint.ts'
import { serveProfiles } from './profile-server.ts'
import { Profiler } from './profiler.ts'

/** A thread that profiles itself, like the reader. */
class OwnThread {
  readonly #profiler = new CpuProfiler()
  beginProfile = (): void => this.#profiler.start()
  endProfile = async (): Promise<string> => this.#profiler.stop()
}

const log = new Log('error')
const folder = mkdtempSync(join(tmpdir(), 'tetragon-profile-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('the server of profiles', () => {
  let server: HttpListener
  let url: string
  before(async () => {
    const anyPort = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
    server = await serveProfiles(anyPort, new Profiler(new OwnThread()), log)
    const { address } = server
    assert.equal(address.kind, 'tcp')
    url = `http://127.0.0.1:${address.kind === 'tcp' ? address.port : 0}/debug/pprof`
  })
  after(() => server.close())

  for (const thread of ['reader', 'main']) {
    it(`returns a CPU profile of the ${thread} thread`, async () => {
      const response = await fetch(`${url}/profile?seconds=0.05&thread=${thread}`)
      const profile = (await response.json()) as { nodes: unknown[]; samples: unknown[] }
      assert.ok(profile.nodes.length > 0)
    })
  }

  it('records one profile of a thread at a time', async () => {
    const ended = new AbortController()
    const first = fetch(`${url}/profile?seconds=60`, { signal: ended.signal })
    let second = await fetch(`${url}/profile?seconds=0.01`)
    while (second.status === 200) {
      await second.text()
      second = await fetch(`${url}/profile?seconds=0.01`)
    }
    assert.equal(second.status, 409)
    ended.abort()
    await assert.rejects(first.then((response) => response.text()))
    // Disconnecting ends the profile.
    let third = await fetch(`${url}/profile?seconds=0.01`)
    while (third.status === 409) third = await fetch(`${url}/profile?seconds=0.01`)
    assert.equal(third.status, 200)
  })

  it('returns a heap snapshot', async () => {
    const snapshot = await (await fetch(`${url}/heap`)).text()
    assert.match(snapshot, /^\{"snapshot":/)
  })

  for (const [query, status] of [
    ['/profile?thread=none', 400],
    ['/profile?seconds=-1', 400],
    ['/profile?seconds=x', 400],
    ['/nothing', 404],
    ['/', 200],
  ] as const) {
    it(`answers ${query} with ${status}`, async () => {
      assert.equal((await fetch(`${url}${query}`)).status, status)
    })
  }
})

describe('profiles that are written at exit', () => {
  it('are readable by the owner only', async () => {
    const files = { cpu: join(folder, 'cpu'), heap: join(folder, 'heap') }
    const reader = new OwnThread()
    const profiles = await startProfiles({ files, address: undefined }, reader, log)
    await profiles.close()
    for (const path of [files.cpu, `${files.cpu}.reader`, files.heap]) {
      assert.match(readFileSync(path, 'utf8').slice(0, 30), /^\{"(nodes|snapshot)"/)
      assert.equal(statSync(path).mode & 0o777, 0o600)
    }
  })
})
