import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { runTetra } from '../testing/run-tetra.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { redact } from './redact.ts'
import { tarArchive } from './tar.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-bugtool-'))
let agent: TestAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

function unpack(archive: string): { read: (name: string) => string; names: string[] } {
  const into = mkdtempSync(join(folder, 'unpacked-'))
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', into])
  assert.equal(status, 0, String(stderr))
  const root = join(into, 'tetragon-bugtool')
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return { read: (name) => readFileSync(join(root, name), 'utf8'), names }
}

describe('bugtool', () => {
  it('collects data and files of the agent, without secrets', async (context) => {
    const metrics = createServer((_, response) => response.end('tetragon_events_total 5\n'))
    context.after(() => metrics.close())
    await new Promise<void>((resolve) => metrics.listen(0, '127.0.0.1', resolve))
    const { port } = metrics.address() as AddressInfo
    const log = join(folder, 'agent.log')
    writeFileSync(log, 'it goes on\npassword=hunter2\n')
    const left = {
      metrics_address: `127.0.0.1:${port}`,
      export_fname: '/nowhere',
      pid: process.pid,
    }
    writeFileSync(join(folder, 'tetragon-info.json'), JSON.stringify(left))
    agent.answer('GetVersion', { version: '9.8' })
    const value = { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: log }
    agent.answer('GetInfo', { version: '9.8', conf: [{ key: 'log-file', value }] })
    agent.answer('GetPolicies', {
      policies: [{ name: '../one', domain: 'grpc', yaml: 'kind: x\n' }],
    })
    const hidden = { process: { pid: 1, arguments: '--api-token abc123 -v' } }
    agent.answer('GetDebug', { processes: { processes: [hidden] } })
    agent.answerWatch('WatchPrograms', { programs: [{ id: 1 }] }, { elapsed: '1s' })
    const out = join(folder, 'out.tar.gz')
    const { stdout, err, code } = await run('-o', out, '--bpftool', '/nowhere/bpftool')
    assert.deepEqual([err, code], ['', 0])
    assert.match(
      stdout,
      /out\.tar\.gz: \d+ files; \d+ pieces could not be collected, see missing\.txt\n$/,
    )
    assert.equal(statSync(out).mode & 0o777, 0o600)
    const { read, names } = unpack(out)
    assert.equal(read('agent/version'), '9.8\n')
    assert.equal(read('agent/metrics.txt'), 'tetragon_events_total 5\n')
    assert.equal(read('agent/agent.log'), 'it goes on\npassword=*****\n')
    assert.equal(read('agent/policies/grpc..._one.yaml'), 'kind: x\n')
    assert.match(read('agent/processcache.json'), /--api-token \*\*\*\*\* -v/)
    assert.equal(JSON.parse(read('agent/programs.json')).length, 2)
    assert.match(read('agent/process/status'), /^Name:/)
    assert.ok(names.includes('host/system.json'))
    assert.match(read('missing.txt'), /^agent\/export.log: ENOENT/m)
    assert.match(read('missing.txt'), /^host\/bpftool-prog.json: .*ENOENT/m)
  })

  it('collects what it can without an agent', async () => {
    const out = join(folder, 'alone.tar.gz')
    const argv = [
      'bugtool',
      '-o',
      out,
      '--server-address',
      'unix:///nowhere.sock',
      '--retries',
      '0',
    ]
    assert.equal((await runTetra(argv)).code, 0)
    const { read, names } = unpack(out)
    assert.match(read('missing.txt'), /^agent\/version: connect to unix:\/\/\/nowhere.sock/m)
    assert.ok(names.includes('host/cpuinfo'))
  })

  it('says when it cannot write', async () => {
    const blocked = join(folder, 'folder')
    mkdirSync(blocked)
    const { err, code } = await run('-o', blocked)
    assert.match(err, /^tetra: write archive: /)
    assert.equal(code, 1)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('folder.')),
      [],
    )
  })
})

async function run(...argv: string[]) {
  const address = ['--server-address', `unix://${agent.path}`, '--retries', '0']
  const { out, err, code } = await runTetra(['bugtool', ...address, ...argv])
  return { stdout: out, err, code }
}

describe('secrets', () => {
  const cases: Record<string, string> = {
    'DB_PASSWORD=hunter2 next': 'DB_PASSWORD=***** next',
    '{"api_key":"abc","x":1}': '{"api_key":"*****","x":1}',
    '{"arguments":"-c \\"{\\\\\\"token\\\\\\": 1}\\""}':
      '{"arguments":"-c \\"{\\\\\\"token\\\\\\": 1}\\""}',
    'curl --secret-token abc -v': 'curl --secret-token ***** -v',
    'Authorization: Bearer abcdefghij': 'Authorization: Bearer *****',
    'https://user:pass@host/x': 'https://user:*****@host/x',
    'postgres://u:p%40@h': 'postgres://u:*****@h',
    'nothing here: 5': 'nothing here: 5',
    'the tokenizer ran': 'the tokenizer ran',
  }
  for (const [text, expected] of Object.entries(cases)) {
    it(`are removed from ${text.slice(0, 30)}`, () => assert.equal(redact(text), expected))
  }

  it('include keys', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----'
    assert.doesNotMatch(redact(`x\n${key}\ny`), /abc|def/)
  })

  it('are found in long hostile texts', () => {
    for (const unit of ['a-', 'token', 'secret=', '-----BEGIN PRIVATE KEY-----', 'a://b:']) {
      assert.ok(redact(unit.repeat(10_000)).length > 0)
    }
  })
})

it('archives are readable by tar', () => {
  const name = fc.stringMatching(/^[a-z0-9_.-]{1,20}$/)
  const file = fc.record({ name, content: fc.uint8Array({ maxLength: 2000 }) })
  fc.assert(
    fc.property(fc.uniqueArray(file, { selector: (each) => each.name, maxLength: 4 }), (files) => {
      const archive = tarArchive(
        files.map((each) => ({ name: each.name, content: Buffer.from(each.content) })),
        1_700_000_000,
      )
      assert.equal(archive.length % 512, 0)
      const { stdout, status } = spawnSync('tar', ['-tf', '-'], {
        input: archive,
        encoding: 'utf8',
      })
      assert.equal(status, 0)
      assert.deepEqual(
        stdout.split('\n').filter(Boolean),
        files.map((each) => each.name),
      )
    }),
    { numRuns: 10 },
  )
  assert.throws(() => tarArchive([{ name: 'ü', content: Buffer.alloc(0) }], 0), /no name/)
})
