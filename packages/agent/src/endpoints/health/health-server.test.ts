import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@tetragon-ts/service/listen/testing'
import type { RunningEndpoint } from '../endpoint.ts'
import { serveHealth } from './health-endpoint.ts'
import { type AttackKind, attacks } from './testing/attacks.ts'
import { checkHealth } from './testing/check-health.ts'

/** `TEST_ATTACK_SECONDS=60` makes each attack a long one. */
const long = Number(process.env.TEST_ATTACK_SECONDS ?? 0)
/** Bytes that the memory of the process may grow. */
const growthMax = 50_000_000
const program = fileURLToPath(new URL('./testing/attack-http2.js', import.meta.url))

describe('health under attack', () => {
  let endpoint: RunningEndpoint
  let port: number
  before(async () => {
    port = await freePort()
    const source = {
      health: async () => ({ status: 'HEALTH_STATUS_RUNNING' as const }),
      failedPolicies: () => [],
      onChange: () => {},
    }
    const address = { kind: 'tcp', host: '127.0.0.1', port } as const
    endpoint = await serveHealth({ address, intervalMs: 1000 }, source, assert.fail)
    await checkHealth(port, '127.0.0.2')
  })
  after(() => endpoint.close())

  const kinds = Object.keys(attacks) as AttackKind[]
  const runs =
    long > 0
      ? kinds.map((kind) => ({ kinds: [kind], connections: 250, seconds: long }))
      : [
          // Open streams need the most memory.
          { kinds: ['streams'], connections: 250, seconds: 2 },
          { kinds, connections: 25, seconds: 0.5 },
        ]
  for (const { kinds, connections, seconds } of runs) {
    it(`is served to others, in little memory: ${kinds.join(', ')}`, async (t) => {
      const start = process.memoryUsage.rss()
      const args = [port, connections, seconds, ...kinds]
      const attacker = spawn(process.execPath, [program, ...args.map(String)])
      let result = ''
      attacker.stdout.on('data', (text: Buffer) => {
        result += text
      })
      let [checks, slowest, peak] = [0, 0, start]
      while (attacker.exitCode === null) {
        const began = performance.now()
        assert.equal(await checkHealth(port, '127.0.0.2'), 'SERVING')
        slowest = Math.max(slowest, performance.now() - began)
        checks++
        await sleep(200)
        peak = Math.max(peak, process.memoryUsage.rss())
      }
      const growth = Math.round((peak - start) / 1e6)
      t.diagnostic(`${result.trim()}: +${growth} MB, ${checks} checks, ${Math.round(slowest)} ms`)
      assert.ok(peak - start <= growthMax, `memory has grown by ${growth} MB`)
    })
  }
})
