import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { ConnectionError, defaultAddress } from './connection-error.ts'

test('where no agent runs, the error says how to start or choose one', () => {
  const details =
    'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:54321'
  const error = { code: status.UNAVAILABLE, details, metadata: new Metadata() } as ServiceError
  const { message } = new ConnectionError(defaultAddress, error)
  const remedy = 'start one ("sudo tetragon"), or choose agents with --server-address or --cluster'
  assert.ok(message.endsWith(`: no agent runs on this machine: ${remedy}`.slice(1)), message)
  assert.match(new ConnectionError('host:1', error).message, /is the agent running\?/)
})
