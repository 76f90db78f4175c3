import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linkRules } from '../link/link-rules.ts'
import { type LogSourceName, logSources } from '../log-sources/index.ts'
import { readRules } from '../parse/read-rules.ts'
import { kernelFilter } from './rule-filter.ts'

/** The filter at the first hook of a log source, for a condition. */
function filterOf(value: string, logSource: LogSourceName = 'file_delete') {
  const { items, diagnostics } = readRules(
    `title: t
logsource: { product: linux, category: ${logSource} }
detection:
  s:
    ${value}
  condition: s
`,
    'a.yaml',
  )
  assert.deepEqual(diagnostics, [])
  const [{ rule }] = linkRules(items).rules
  const [use] = logSources[logSource].uses ?? []
  return kernelFilter(rule.condition, use)
}

// The folder is argument 0, the entry with its last part is argument 1.
describe('the filter of a path in a folder', () => {
  it('has all alternatives of an expression', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '^/etc/a|/mem$'"), [
      [{ operator: 'Prefix', argument: 0, values: ['/etc'] }],
      [{ operator: 'Postfix', argument: 1, values: ['/mem'] }],
    ])
  })

  it('leaves out starts that no complete path has', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '(^|/)[.](ba|z)sh_history$'"), [
      [{ operator: 'Postfix', argument: 1, values: ['/.bash_history', '/.zsh_history'] }],
    ])
  })

  it('searches a part without a slash in both', () => {
    assert.deepEqual(filterOf('TargetFilename|contains: .ssh/x'), [
      [{ operator: 'SubStringIgnCase', argument: 0, values: ['.ssh'] }],
      [{ operator: 'SubStringIgnCase', argument: 1, values: ['.ssh'] }],
    ])
  })

  it('passes everything if only relative paths match, which other hooks see', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '^notes'"), [[]])
    assert.deepEqual(filterOf('TargetFilename|cased: notes.txt'), [[]])
  })

  it('passes everything if nothing is certain', () => {
    assert.deepEqual(filterOf("TargetFilename|re: '[0-9]$'"), [[]])
    assert.deepEqual(filterOf('TargetFilename|contains: /'), [[]])
  })
})

describe('the filter of an address', () => {
  const addresses = (value: string) => filterOf(`DestinationIp: ${value}`, 'network_connection')

  it('is one of IPv4 or IPv6 in any form of it', () => {
    for (const value of ['169.254.169.254', 'fd00:ec2::254', 'FD00:EC2:0::254']) {
      assert.deepEqual(addresses(value), [[{ operator: 'DAddr', argument: 0, values: [value] }]])
    }
  })

  it('passes all calls for what may stand for another address, or is none', () => {
    for (const value of ["'::ffff:10.0.0.1'", "'::1'", "'0:0:0:0:0:ffff:a00:1'", "'fd00:::1'"]) {
      assert.deepEqual(addresses(value), [[]])
    }
  })
})

// That it never passes too little is in rule-policies.property.test.ts.
describe('the filter of a log source', () => {
  const narrowing: Readonly<Partial<Record<LogSourceName, string>>> = {
    file_event: 'TargetFilename|startswith|cased: /etc/',
    file_access: 'TargetFilename|endswith: .pem',
    file_change: 'TargetFilename|cased: /etc/shadow',
    file_rename: 'SourceFilename|startswith|cased: /etc/a/',
    file_delete: 'TargetFilename|startswith|cased: /etc/a/',
    network_connection: 'DestinationPort: 22',
    dns_query: 'QueryName|endswith: .example',
    driver_load: 'Parameters|contains: nopti',
    process_access: "GrantedAccess: '16'",
    create_remote_thread: "TargetProcessId: '1'",
    tetragon_hook: 'Hook: security_file_open\n    args.0|endswith: .pem',
  }

  it('narrows each of them', () => {
    for (const name of Object.keys(logSources) as LogSourceName[]) {
      if (logSources[name].uses === undefined) continue
      const filter = filterOf(narrowing[name] ?? assert.fail(name), name)
      assert.notDeepEqual(filter, [[]], name)
      assert.notDeepEqual(filter, [], name)
    }
  })
})
