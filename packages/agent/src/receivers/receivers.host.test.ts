import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { GetHealthStatusResponse } from '@tetragon-ts/api'
import { RunningAgent } from '../testing/index.ts'
import { TestClient } from '../testing/test-client.ts'
import { until } from '../testing/until.ts'

// Starts one agent for all tests.

/** The JSON in a stream of syslog messages. */
function eventsIn(stream: Buffer): string[] {
  const events: string[] = []
  for (let at = 0; at < stream.length; ) {
    const space = stream.indexOf(' ', at)
    const end = space + 1 + Number(stream.toString('latin1', at, space))
    const message = stream.toString('utf8', space + 1, end)
    events.push(message.slice(message.indexOf(' {') + 1))
    at = end
  }
  return events
}

describe('outputs of an agent', () => {
  let agent: RunningAgent
  let client: TestClient
  const servers: Server[] = []
  const chunks: Buffer[] = []

  async function serve(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer(onSocket)
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }

  before(async () => {
    const reads = await serve((socket) => socket.on('data', (bytes) => chunks.push(bytes)))
    const stalls = await serve((socket) => void socket.pause())
    agent = await RunningAgent.start(
      ...['--output', `all=syslog+tcp://127.0.0.1:${reads}?max-length=1000000`],
      // A handshake that never ends.
      ...['--output', `stalls=syslog+tls://127.0.0.1:${stalls}`],
      ...['--output', `exits=syslog+tls://127.0.0.1:${stalls}?events=exit`],
      // The export gets other events.
      ...['--export-allowlist', '{"event_set":["PROCESS_EXEC"]}'],
    )
    const address = (await agent.serving()).replace('unix://', 'unix:')
    client = new TestClient(address)
  })
  after(async () => {
    client?.close()
    await agent?.remove()
    for (const server of servers) server.close()
  })

  it('are in the health of the agent, which is running all the same', async () => {
    const health: GetHealthStatusResponse = await client.call('GetHealth')
    const { health_status = [] } = health
    const details = health_status.map((each) => `${each.status} ${each.details}`)
    assert.equal(details.length, 4)
    assert.match(
      details[1],
      /^HEALTH_STATUS_RUNNING output all: sends to syslog\+tcp:.*at most once/,
    )
    assert.match(details[2], /output stalls: .* 0 sent, .* 0 lost, [1-9]\d* queued/)
  })

  it('get what the export file gets, and what it omits', async () => {
    for (let i = 0; i < 20; i++) spawnSync('/bin/true', [`output-${i}`])
    await until('the last exec', () => readFileSync(agent.exportFile, 'utf8').includes('output-19'))
    agent.child.kill('SIGTERM')
    await agent.ended
    const sent = eventsIn(Buffer.concat(chunks))
    const exported = readFileSync(agent.exportFile, 'utf8').trimEnd().split('\n')
    const execs = sent.filter((line) => line.startsWith('{"process_exec"'))
    assert.deepEqual(execs, exported)
    assert.ok(sent.some((line) => line.startsWith('{"process_exit"')))
    assert.match(agent.stderr, /output stalls: \d+ events were lost/)
    assert.doesNotMatch(agent.stderr, /output all: /)
  })
})

describe('outputs in a file', () => {
  it('are read again on SIGHUP; a wrong one changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
    const given = (output: string) => writeFileSync(join(folder, 'output'), output)
    given(`old=parquet://${folder}/old?batch-wait=0s`)
    const agent = await RunningAgent.start('--config-dir', folder)
    try {
      const logged = async (message: RegExp): Promise<void> => {
        agent.child.kill('SIGHUP')
        await until(String(message), () => message.test(agent.stderr))
      }
      given('new=parquet://a/b')
      await logged(/reload outputs: .*the URL has a host/)
      spawnSync('/bin/true', ['before'])
      await until('a file', () => existsSync(join(folder, 'old', '.unfinished')))
      given(`new=parquet://${folder}/new?batch-wait=0s`)
      await logged(/reloaded outputs: 1/)
      const isComplete = (name: string) => name.endsWith('.parquet')
      await until('a complete file', () => readdirSync(join(folder, 'old')).some(isComplete))
      spawnSync('/bin/true', ['after'])
      await until('a file', () => existsSync(join(folder, 'new', '.unfinished')))
    } finally {
      await agent.remove()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a wrong output', () => {
  for (const [name, output, message] of [
    ['with a misspelt scheme', 'a=sislog+tcp://host', /did you mean "syslog\+tcp"/],
    ['with an expression', 'a=syslog+tcp://host?cel=1%2B', /open outputs: /],
    ['without its file', 'a=syslog+tls://host?ca-file=/nowhere', /open outputs: read file: ENOENT/],
  ] as const) {
    it(`is an error at the start: ${name}`, async () => {
      const agent = RunningAgent.launch('--output', output)
      const { code } = await agent.ended
      await agent.remove()
      assert.equal(code, 2, agent.stderr)
      assert.match(agent.stderr, message)
      assert.match(agent.stderr, /AGENT_OPTION/)
    })
  }
})
