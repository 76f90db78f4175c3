import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetInfoResponse } from '@tetragon-ts/api'
import { readCommandLine } from '@tetragon-ts/service/options'
import { agentTable } from '../config/agent-table.ts'
import { settingValues } from '../config/settings.ts'
import { infoResponse } from '../endpoints/grpc/info-response.ts'

const google = 'type.googleapis.com/google.protobuf'

function received(...argv: string[]): GetInfoResponse {
  const settings = settingValues(readCommandLine(agentTable, argv))
  const codec = codecOf(GetInfoResponse)
  return codec.decode(codec.encode(infoResponse({ version: '1', probes: [], settings })))
}

test('information includes the build, for any runtime', () => {
  assert.deepEqual(received().build, { go_version: `node ${process.version}` })
})

test('settings have the types that they have in the original', () => {
  const lists = ['--enable-ancestors=base,kprobe', '--filter-environment-variables=A']
  const { conf = [] } = received('--debug', '--export-rate-limit=-1', '--rb-size=64K', ...lists)
  const values = new Map(conf.map(({ key, value }) => [key, value]))
  const expected = {
    debug: { '@type': `${google}.BoolValue`, value: true },
    'export-file-compress': { '@type': `${google}.BoolValue`, value: false },
    'export-rate-limit': { '@type': `${google}.Int64Value`, value: '-1' },
    'event-queue-size': { '@type': `${google}.Int64Value`, value: '10000' },
    'process-cache-size': { '@type': `${google}.Int64Value`, value: '65536' },
    'execve-map-entries': { '@type': `${google}.Int64Value`, value: '0' },
    verbose: { '@type': `${google}.Int64Value`, value: '1' },
    'rb-size': { '@type': `${google}.StringValue`, value: '64K' },
    'export-file-perm': { '@type': `${google}.StringValue`, value: '600' },
    'export-file-rotation-interval': { '@type': `${google}.StringValue`, value: '0s' },
    'export-filename': { '@type': `${google}.StringValue`, value: '' },
    'enable-ancestors': { '@type': `${google}.ListValue`, value: ['base', 'kprobe'] },
    'filter-environment-variables': { '@type': `${google}.ListValue`, value: ['A'] },
    'server-read-clients': {
      '@type': `${google}.ListValue`,
      value: ['socket', 'certificate', 'anonymous'],
    },
    'server-tls-client-ca-files': { '@type': `${google}.ListValue`, value: [] },
  }
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(values.get(name), value, name)
  }
})
