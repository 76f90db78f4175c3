import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { GetEventsResponse } from '@tetragon-ts/api'
import { RunningAgent } from '../../testing/index.ts'
import { TestClient } from '../../testing/test-client.ts'
import { until } from '../../testing/until.ts'

describe('the export', () => {
  const options = [
    '--export-allowlist={"binary_regex":["/echo$","/true$"]}\n{"pid":[0]}',
    '--export-denylist={"event_set":["PROCESS_EXIT"]}\n{"arguments_regex":["quiet"]}',
    '--field-filters={"fields":"process.binary,process.arguments,process.environment_variables"}',
    '--redaction-filters={"redact_arguments":["--password[=\\\\x00]([^\\\\x00]*)"],"redact":["TOKEN=(.*)"]}',
    '--enable-process-environment-variables',
    '--filter-environment-variables=TOKEN,SHOWN',
  ]
  let agent: RunningAgent
  let client: TestClient
  before(async () => {
    agent = await RunningAgent.start(...options)
    const socket = join(agent.folder, 'tetragon.sock')
    await until('the server', () => existsSync(socket))
    client = new TestClient(`unix:${socket}`)
  })
  after(async () => {
    client?.close()
    await agent?.remove()
  })

  /** Whole lines: the agent may be writing the last one. */
  const exported = (): GetEventsResponse[] =>
    readFileSync(agent.exportFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  const run = (program: string, ...args: string[]): void => {
    const env = { TOKEN: 'secret', SHOWN: 'yes', OTHER: 'no' }
    spawnSync(program, args, { env })
  }

  for (const isStreaming of [false, true]) {
    it(`has the configured content ${isStreaming ? 'while a client gets everything' : ''}`, async () => {
      const stream = isStreaming ? await client.events() : undefined
      const name = `streaming-${isStreaming}`
      run('/bin/ls', '/nowhere', name)
      run('/bin/echo', name, 'quiet')
      run('/bin/echo', name, '--password', 'two hunter2 "words"')
      run('/bin/true', name, 'last')
      const isOurs = ({ process_exec }: GetEventsResponse, text = '') =>
        process_exec?.process?.arguments?.includes(`${name}${text}`)
      await until('the last event', () => exported().some((event) => isOurs(event, ' last')))
      const environment_variables = [
        { Key: 'TOKEN', Value: '*****' },
        { Key: 'SHOWN', Value: 'yes' },
      ]
      const events = exported()
      const echo = { binary: '/bin/echo', arguments: `${name} --password *****` }
      const last = { binary: '/bin/true', arguments: `${name} last` }
      assert.deepEqual(
        events.filter((event) => isOurs(event)).map(({ process_exec }) => process_exec),
        [echo, last].map((process) => ({ process: { ...process, environment_variables } })),
      )
      assert.ok(events.every(({ process_exit }) => process_exit === undefined))
      if (!stream) return
      const received = await until('the stream', () => {
        const found = stream.events.filter((event) => isOurs(event))
        return found.length === 4 && found
      })
      const [ls, , secret] = received.map(({ process_exec }) => process_exec?.process)
      assert.deepEqual([ls?.binary, secret?.arguments], ['/bin/ls', echo.arguments])
      assert.deepEqual(ls?.environment_variables, environment_variables)
      assert.ok(stream.events.some(({ process_exit }) => process_exit !== undefined))
      assert.ok(!JSON.stringify(stream.events).includes('hunter2'))
      stream.stream.cancel()
    })
  }

  it('handles hostile arguments', async () => {
    run('/bin/true', '--password '.repeat(11_000))
    run('/bin/true', `after --password=${'x'.repeat(120_000)}`)
    const event = await until('the event', () =>
      exported().find(({ process_exec }) => process_exec?.process?.arguments?.includes('after')),
    )
    assert.match(event.process_exec?.process?.arguments ?? '', /^ "after --password=\*{5}"?$/)
  })
})

describe('an agent', () => {
  it('does not start with invalid filters', async () => {
    for (const [option, message] of [
      ['--export-allowlist={"binary_regex":["("]}', /--export-allowlist: .*missing \)/],
      ['--export-denylist={"event_set":["NOPE"]}', /--export-denylist: .*unknown event type NOPE/],
      ['--export-denylist={"cel_expression":["1 +"]}', /--export-denylist: /],
      ['--field-filters={"fields":"process.nope"}', /--field-filters: .*process\.nope/],
      ['--redaction-filters={"redact":["secret"]}', /--redaction-filters: .*no group/],
      [
        '--export-denylist={"capabilities":{"effective":{"any":["CAP_BPF"]}}}',
        /--export-denylist: filter events by capabilities: .* --enable-process-cred /,
      ],
      [
        '--export-allowlist={"cel_expression":["process_exec.ancestors.size() > 3"]}',
        /--export-allowlist: .*ProcessExec\.ancestors: .* --enable-ancestors=base /,
      ],
    ] as const) {
      const agent = RunningAgent.launch(option)
      const { code } = await agent.ended
      assert.equal(code, 2, agent.stderr)
      assert.match(agent.stderr, message)
      await agent.remove()
    }
  })
})
