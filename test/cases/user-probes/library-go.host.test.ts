import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { textsOf, withLibrary } from './library.ts'

const podman = '/usr/bin/podman'
const [served, made, connected] = [
  'net/http.serverHandler.ServeHTTP',
  'net/http.NewRequestWithContext',
  'net/http.(*Transport).getConn',
]

/** Debian's podman is a stripped program of Go that serves and sends HTTP requests. */
describe('policies for programs of Go', () => {
  let run: PolicyRun
  let socket: string
  before(async () => {
    run = await PolicyRun.start()
    socket = join(run.folder, 'podman.sock')
  })
  after(() => run?.stop())

  /** Starts the server, which has its files in the folder of the run. */
  function serve() {
    const folders = ['root', 'runroot', 'tmpdir'].map((name) => {
      return `--${name}=${join(run.folder, name)}`
    })
    // Other storage drivers leave mounts when the server is killed.
    const storage = [...folders, '--storage-driver=vfs']
    return run.spawn(podman, [...storage, 'system', 'service', '--time=0', `unix://${socket}`])
  }

  /** The status of a request to the server; undefined if it does not listen. */
  async function request(path: string): Promise<number | undefined> {
    const sent = get({ socketPath: socket, path, headers: { host: 'known.example' } })
    try {
      const [response] = await once(sent, 'response')
      response.resume()
      return response.statusCode
    } catch {
      return undefined
    }
  }

  /** Runs a server and a client, and returns the events of each. */
  async function act() {
    const server = serve()
    let sent: string[][]
    try {
      while ((await request('/_ping')) !== 200) {
        const { exitCode, signalCode } = server.child
        assert.ok(exitCode === null && signalCode === null, server.output)
        await sleep(20)
      }
      assert.equal(await request('/nowhere?token=1'), 404)
      const client = run.spawn(podman, ['--url', `unix://${socket}`, 'version'])
      sent = (await run.finish(client)).map(textsOf)
      assert.equal(await client.ended, 0, client.output)
    } finally {
      server.child.kill('SIGKILL')
      await server.ended
    }
    return { sent, received: (await run.finish(server)).map(textsOf) }
  }

  it('show requests that are served, and requests that are sent', async () => {
    const { sent, received } = await withLibrary(
      run,
      ['go-http-server.yaml', 'go-http-client.yaml'],
      act,
      (text) => text.replaceAll(/ path: ".*"/g, ` path: "${podman}"`),
    )
    const ofServer = received.filter(([symbol]) => symbol === served)
    const unknown = ofServer.find(([, , , uri]) => uri.startsWith('/nowhere'))
    assert.deepEqual(unknown, [served, 'GET', 'known.example', '/nowhere?token=1', '@'])
    const [, method, url] = sent.find(([symbol]) => symbol === made) ?? []
    assert.equal(method, 'GET')
    const { host, pathname } = new URL(url)
    assert.ok(ofServer.some((each) => each[2] === host && each[3] === pathname))
    const target = sent.find(([symbol]) => symbol === connected)
    assert.deepEqual(target, [connected, 'http', `${host}:80`])
  })
})
