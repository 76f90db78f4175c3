import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type SocketTarget, socketTarget } from './socket-target.ts'

it('addresses of gRPC have a target', () => {
  const targets: Readonly<Record<string, SocketTarget>> = {
    'unix:///run/agent.sock': { path: '/run/agent.sock' },
    'unix:agent.sock': { path: 'agent.sock' },
    'localhost:1': { host: 'localhost', port: 1 },
    '[::1]:54321': { host: '::1', port: 54_321 },
    'dns:agent:54321': { host: 'agent', port: 54_321 },
    'dns:///agent:54321': { host: 'agent', port: 54_321 },
    'dns://8.8.8.8/agent:54321': { host: 'agent', port: 54_321 },
    'ipv4:127.0.0.1:54321': { host: '127.0.0.1', port: 54_321 },
    'ipv6:[::1]:54321': { host: '::1', port: 54_321 },
  }
  for (const [address, target] of Object.entries(targets)) {
    assert.deepEqual(socketTarget(address), target)
  }
  for (const address of ['', 'unix:', 'xds:///a:1', 'ipv4:1.2.3.4:1,5.6.7.8:1', 'a', 'a:99999']) {
    assert.throws(() => socketTarget(address), /^Error: connect to .*: neither unix:PATH nor/)
  }
})
