import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { bytesOf, textsOf, withLibrary } from './library.ts'
import { startTlsServer } from './tls-server.ts'

describe('policies for Node.js', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  /** Runs a function under a policy for Node.js. */
  const underPolicy = <T>(name: string, act: () => Promise<T>): Promise<T> =>
    withLibrary(run, [name], act, (text) => text.replaceAll('/usr/bin/node', process.execPath))

  /** The events of programs of Node.js, each with its arguments. */
  function shownBy(...programs: readonly (readonly string[])[]): Promise<string[][][]> {
    return underPolicy('node.yaml', async () => {
      const shown: string[][][] = []
      for (const args of programs) {
        const events = await run.finish(run.spawn(process.execPath, args))
        shown.push(events.map(textsOf))
      }
      return shown
    })
  }

  it('show code and addons that are loaded', async () => {
    const path = (name: string) => join(run.folder, name)
    writeFileSync(path('imported.mjs'), 'export default 1\n')
    writeFileSync(path('required.cjs'), 'module.exports = 2\n')
    writeFileSync(path('addon.node'), 'no library\n')
    writeFileSync(path('data.txt'), 'no code\n')
    const code = [
      'require("./required.cjs"); require("fs").readFileSync("data.txt")',
      'try { require("./addon.node") } catch {}',
      'import("./imported.mjs")',
    ].join('\n')
    writeFileSync(path('main.cjs'), code)
    const [shown] = await shownBy([path('main.cjs')])
    assert.deepEqual(shown, [
      ['uv_fs_open', path('main.cjs')],
      ['uv_fs_open', path('required.cjs')],
      ['dlopen', path('addon.node')],
      ['uv_fs_open', path('imported.mjs')],
    ])
  })

  it('show the start of the debugger', async () => {
    const until = 'setInterval(() => require("inspector").url() && process.exit(), 10)'
    const bySignal = `process.kill(process.pid, "SIGUSR1"); ${until}`
    const [without, ...started] = await shownBy(
      ['-e', '0'],
      ['--inspect=0', '-e', '0'],
      ['-e', 'require("inspector").open(0)'],
      ['--inspect-port=0', '-e', bySignal],
    )
    assert.deepEqual(without, [])
    for (const events of started) {
      const symbols = new Set(events.map(([symbol]) => symbol))
      assert.deepEqual([...symbols], ['_ZN4node9inspector5Agent13StartIoThreadEv'])
    }
  })

  it('show the text of TLS', async () => {
    const { server, port } = await startTlsServer(run.folder)
    try {
      const code = [
        `const socket = require("tls").connect({ port: ${port}, rejectUnauthorized: false })`,
        'socket.on("secureConnect", () => socket.write("GET /question"))',
        'socket.on("data", () => {}).on("end", () => process.exit())',
      ].join('\n')
      const events = await underPolicy('tls-node.yaml', () =>
        run.finish(run.spawn(process.execPath, ['-e', code])),
      )
      const data = bytesOf(events).join('\n')
      assert.match(data, /SSL_write GET \/question/)
      assert.match(data, /SSL_read [\s\S]*secret answer/)
    } finally {
      server.close()
    }
  })
})
