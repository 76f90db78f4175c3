import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { makeTestFolder, RunningAgent } from '../testing/index.ts'
import { until } from '../testing/until.ts'

// Starts six agents, of which three are killed and one fails at its start.

const runs = 3
const execsPerRun = 30

/** The execs of this test, by their argument. */
function execsIn(lines: string): string[] {
  return lines.split('\n').flatMap((line) => /"arguments":"(spooled-\d+)"/.exec(line)?.[1] ?? [])
}

function execName(run: number, index: number): string {
  return `spooled-${run * execsPerRun + index}`
}

describe('an output with a spool', () => {
  let folder: string
  let server: Server
  let address: string
  let accepts = true
  const received: string[] = []

  before(async () => {
    folder = makeTestFolder()
    server = createServer(async (request, response) => {
      const body = await text(request).catch(() => '')
      if (accepts) received.push(...execsIn(body))
      response.writeHead(accepts ? 200 : 503).end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const options = (output: string) => [
    ...['--output', output, '--output-spool-dir', folder],
    ...['--export-allowlist', '{"event_set":["PROCESS_EXEC"],"binary_regex":["/true$"]}'],
  ]
  const start = (output = `lake=${address}?spool=16M&events=exec&batch-wait=0s`) => {
    return RunningAgent.start(...options(output))
  }

  /** What is in the files of the spool now. */
  const spooled = (): string[] => {
    const names = readdirSync(join(folder, 'lake')).filter((name) => name.endsWith('.segment'))
    return names.flatMap((name) => {
      try {
        return execsIn(readFileSync(join(folder, 'lake', name), 'latin1').replaceAll('{"', '\n{"'))
      } catch {
        // Acknowledged and removed in between.
        return []
      }
    })
  }

  it('loses no event that was on disk, however often the agent is killed', async () => {
    const exported: string[] = []
    for (let run = 0; run < runs; run++) {
      // Away, there, and away again: events wait, are sent, and are on their way.
      accepts = run % 2 === 1
      const agent = await start()
      for (let i = 0; i < execsPerRun; i++) spawnSync('/bin/true', [execName(run, i)])
      const last = execName(run, execsPerRun - 1)
      await until('the last exec is safe', () => {
        return received.includes(last) || spooled().includes(last)
      })
      agent.child.kill('SIGKILL')
      await agent.ended
      exported.push(...execsIn(readFileSync(agent.exportFile, 'utf8')))
      await agent.remove()
    }
    accepts = true
    const agent = await start()
    const all = Array.from({ length: runs * execsPerRun }, (_, i) => `spooled-${i}`)
    await until('everything has arrived', () => received.includes(all.at(-1) as string))
    const { code } = await agent.stop()
    assert.equal(code, 0, agent.stderr)
    assert.doesNotMatch(agent.stderr, /lost|damaged/)
    await agent.remove()
    assert.deepEqual([...new Set(received)], all)
    assert.ok(exported.length > 0 && exported.every((each) => all.includes(each)))
    // Only what was on its way when the agent was killed arrives twice.
    assert.ok(received.length <= all.length + execsPerRun, `${received.length}`)
    assert.deepEqual(spooled(), [])
  })

  it('is for one agent, and reports events that no output sends any more', async () => {
    mkdirSync(join(folder, 'gone'))
    writeFileSync(join(folder, 'gone', '000000000000001.segment'), 'x'.repeat(100))
    const agent = await start()
    assert.match(
      agent.stderr,
      /80 bytes of events in .*gone have no output gone: restore its spool/,
    )
    const second = RunningAgent.launch(...options(`lake=${address}?spool=16M`))
    assert.equal((await second.ended).code, 1)
    assert.match(second.stderr, /open outputs: another agent uses .*AGENT_RUNNING/)
    await second.remove()
    await agent.remove()
  })
})
