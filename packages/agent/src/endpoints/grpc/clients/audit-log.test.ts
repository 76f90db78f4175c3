import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Log } from '../../../log/log.ts'
import { AuditLog } from './audit-log.ts'
import type { Client } from './client.ts'

const root: Client = { kind: 'socket', uid: 0, gid: 0, groups: [0], pid: 42 }

function captured(format: 'text' | 'json' = 'text') {
  const lines: string[] = []
  const log = new Log('panic', (line) => lines.push(line))
  log.format = format
  let now = 0
  const audit = new AuditLog(log, () => now)
  return { lines, audit, wait: (ms: number) => (now += ms) }
}

describe('the audit log', () => {
  it('has a line for each change at every log level, with who made it', () => {
    const { lines, audit } = captured()
    audit.changed(root, 'ConfigureTracingPolicy', { name: 'a', domain: '', enable: false }, done)
    const failed = { result: 'failed', reason: 'no such policy' } as const
    audit.changed({ ...root, pid: 0 }, 'DeleteTracingPolicy', { name: 'b' }, failed)
    assert.deepEqual(lines, [
      'tetragon: audit: ConfigureTracingPolicy name="a" enable=false by uid 0 (process 42) done\n',
      'tetragon: audit: DeleteTracingPolicy name="b" by uid 0 failed: "no such policy"\n',
    ])
  })

  it('names a text by its hash, and by what it turned out to be', () => {
    const { lines, audit } = captured('json')
    const request = { yaml: 'abc', replace: true }
    audit.note(request, { name: 'p', namespace: '', domain: 'grpc' })
    audit.changed(root, 'AddTracingPolicy', request, done)
    assert.deepEqual(JSON.parse(lines[0]).audit, {
      call: 'AddTracingPolicy',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      replace: true,
      ...{ name: 'p', namespace: '', domain: 'grpc' },
      client: root,
      result: 'done',
    })
  })

  it('stays one line without control characters, whatever names contain', () => {
    const hostile = 'x"\n tetragon: audit: DeleteTracingPolicy by uid 0 done\r\x1b[2J\u202e\u2028'
    const client: Client = {
      kind: 'certificate',
      commonName: hostile,
      organizations: [hostile, 'y'.repeat(1000)],
      serial: '01',
      address: '10.0.0.1:5',
    }
    const reason = hostile
    for (const format of ['text', 'json'] as const) {
      const { lines, audit } = captured(format)
      audit.changed(client, 'DeleteTracingPolicy', { name: hostile }, { result: 'failed', reason })
      audit.changed(client, 'AddRules', { name: 'z'.repeat(100_000), text: hostile }, done)
      audit.refused(client, 'DeleteTracingPolicy', { name: hostile }, reason)
      assert.equal(lines.length, 3)
      for (const line of lines) {
        assert.equal(line.indexOf('\n'), line.length - 1)
        assert.ok(line.length < 2500, String(line.length))
        if (format === 'text') assert.doesNotMatch(line.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        else assert.equal(JSON.parse(line).audit.client.commonName, hostile)
      }
    }
  })

  it('bounds refusals, which any client can cause, and counts the others', () => {
    const { lines, audit, wait } = captured()
    const refuse = () => audit.refused(root, 'SetDebug', {}, 'not in --server-change-clients')
    for (let i = 0; i < 1000; i++) refuse()
    assert.equal(lines.length, 10)
    wait(5000)
    for (let i = 0; i < 10; i++) refuse()
    assert.equal(lines.length, 11)
    assert.match(lines[10], /refusals_omitted=990 by uid 0/)
    audit.changed(root, 'SetDebug', { level: 'LOG_LEVEL_INFO' }, done)
    assert.equal(lines.length, 12)
  })
})

const done = { result: 'done' } as const
