import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { type Event, GetEventsResponse, type KprobeArgument, parseEvent } from '@tetragon-ts/api'
import { arbitraryMessage } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import type { Policy } from '../model/index.ts'
import { readPolicies } from '../parse/policy-document.ts'
import { everythingPolicy } from '../schema/everything-policy.ts'
import { DryRun } from './dry-run.ts'

function policyOf(spec: string): Policy {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: tried}
spec:
${spec.replace(/^/gm, '  ')}`
  const { documents, diagnostics } = readPolicies(text, 'tried.yaml')
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  )
  return documents[0].policy
}

/** A hook with this argument and condition. */
function hookOn(type: string, match: string, call = 'some_function'): string {
  return `
kprobes:
- call: ${call}
  syscall: false
  args: [{index: 0, type: ${type}}]
  selectors:
  - matchArgs: [{index: 0, ${match}}]
    matchActions: [{action: Sigkill}]`
}

function event(content: object): Event {
  const parsed = parseEvent(JSON.stringify({ node_name: 'n', ...content }))
  assert.ok(parsed.ok, JSON.stringify(content))
  return parsed.event
}

const cat = { exec_id: 'a', pid: 7, binary: '/usr/bin/cat', flags: 'execve clone' }

function call(args: readonly KprobeArgument[], more: object = {}): Event {
  const body = { process: cat, function_name: 'some_function', args, policy_name: 'watch' }
  return event({ process_kprobe: { ...body, ...more } })
}

function outcomes(spec: string, ...events: readonly Event[]): string[] {
  const run = new DryRun(policyOf(spec))
  return events.map((each) => run.see(each)[0]?.kind ?? 'elsewhere')
}

describe('a dry run decides about', () => {
  const cases: Record<string, [type: string, match: string, hit: object, miss: object]> = {
    'a string': [
      'string',
      'operator: Postfix, values: [".key"]',
      { string_arg: '/a.key' },
      { string_arg: '/a.keys' },
    ],
    'an absent string': [
      'string',
      'operator: NotEqual, values: ["/a"]',
      { string_arg: '' },
      { string_arg: '/a' },
    ],
    bytes: [
      'char_buf, sizeArgIndex: 1',
      'operator: Prefix, values: ["GET"]',
      { bytes_arg: btoa('GET /') },
      { bytes_arg: btoa('PUT /') },
    ],
    'the case of ASCII letters only': [
      'string',
      'operator: SubStringIgnCase, values: ["äB"]',
      { string_arg: 'xäby' },
      { string_arg: 'xÄby' },
    ],
    'a number of another sign': [
      'uint32',
      'operator: GT, values: ["4000000000"]',
      { int_arg: -1 },
      { int_arg: 7 },
    ],
    'the type of a file': [
      'file',
      'operator: FileType, values: [dir]',
      { file_arg: { path: '/etc', permission: 'drwxr-xr-x' } },
      { file_arg: { path: '/etc', permission: '-rwxr-xr-x' } },
    ],
    'an IPv4 address in IPv6': [
      'sock',
      'operator: DAddr, values: ["10.0.0.0/8"]',
      { sock_arg: { family: 'AF_INET6', daddr: '::ffff:10.1.2.3' } },
      { sock_arg: { family: 'AF_INET6', daddr: '::ffff:11.1.2.3' } },
    ],
    'a port': [
      'skb',
      'operator: NotSPort, values: ["80:90"]',
      { skb_arg: { sport: 91 } },
      { skb_arg: { sport: 90 } },
    ],
    'the address of a call': [
      'sockaddr',
      'operator: SAddr, values: ["::1"]',
      { sockaddr_arg: { family: 'AF_INET6', addr: '::1', port: 53 } },
      { sockaddr_arg: { family: 'AF_INET', addr: '127.0.0.1', port: 53 } },
    ],
    'the state of a connection': [
      'sock',
      'operator: State, values: [TCP_LISTEN]',
      { sock_arg: { state: 'TCP_LISTEN' } },
      { sock_arg: { state: 'TCP_CLOSE' } },
    ],
    capabilities: [
      'cap_effective',
      'operator: Mask, values: [CAP_SYS_ADMIN]',
      { cap_effective_arg: '0000000000200000' },
      { cap_effective_arg: '0000000000000001' },
    ],
  }
  for (const [name, [type, match, hit, miss]] of Object.entries(cases)) {
    it(name, () => {
      assert.deepEqual(outcomes(hookOn(type, match), call([hit]), call([miss])), ['hit', 'miss'])
    })
  }

  it('the first selector that matches', () => {
    const spec = `${hookOn('int', 'operator: Equal, values: ["1"]')}
  - matchActions: [{action: Post}]`
    const run = new DryRun(policyOf(spec))
    for (const int_arg of [1, 2, 2]) run.see(call([{ int_arg }]))
    assert.deepEqual(
      run.report.hits.map(({ actions, count }) => [actions, count]),
      [
        [['Post'], 2],
        [['Sigkill'], 1],
      ],
    )
  })

  it('the result of a call, on which only the event depends', () => {
    const spec = (actions: string) => `
kprobes:
- call: some_function
  syscall: false
  return: true
  returnArg: {index: 0, type: int}
  selectors:
  - matchReturnArgs: [{operator: Equal, values: ["0"]}]
    matchActions: [${actions}]`
    const events = [0, -13].map((int_arg) => call([], { return: { int_arg } }))
    assert.deepEqual(outcomes(spec('{action: Post}'), ...events), ['hit', 'miss'])
    assert.deepEqual(outcomes(spec('{action: Sigkill}'), ...events), ['hit', 'hit'])
  })

  it('calls of 32-bit programs, which are others', () => {
    const spec = (name: string) => `
kprobes:
- call: ${name}
  syscall: true`
    const events = ['__x64_sys_close', '__ia32_sys_close', 'sys_close'].map((function_name) =>
      call([], { function_name }),
    )
    assert.deepEqual(outcomes(spec('sys_close'), ...events), ['hit', 'elsewhere', 'hit'])
  })

  it('the same place of another section', () => {
    const spec = hookOn('file', 'operator: Equal, values: ["/a"]', 'security_file_open')
    const args = [{ file_arg: { path: '/a' } }]
    const lsm = event({ process_lsm: { process: cat, function_name: 'file_open', args } })
    assert.deepEqual(outcomes(spec, lsm, call(args)), ['hit', 'elsewhere'])
  })

  it('system calls in lists, by their ABI', () => {
    const spec = `
lists:
- {name: calls, type: syscalls, values: [sys_read, i386/sys_write]}
tracepoints:
- subsystem: raw_syscalls
  event: sys_enter
  args: [{index: 4, type: syscall64}]
  selectors:
  - matchArgs: [{index: 4, operator: InMap, values: ["list:calls"]}]`
    const entered = (abi: string, id: number) =>
      event({
        process_tracepoint: {
          process: cat,
          subsys: 'raw_syscalls',
          event: 'sys_enter',
          args: [{ syscall_id: { id, abi } }],
        },
      })
    const events = [entered('x64', 0), entered('x64', 1), entered('i386', 4), entered('i386', 3)]
    assert.deepEqual(outcomes(spec, ...events), ['hit', 'miss', 'hit', 'miss'])
  })
})

describe('a dry run leaves undecided', () => {
  const spec = hookOn('file', 'operator: Equal, values: ["/a"]')

  it('what an event lacks', () => {
    const unreadable = { error_arg: { Message: 'Bad address for basic type' } }
    const inexact = { file_arg: { path: '/a', flags: 'unresolvedPathComponents' } }
    const replaced = { file_arg: { path: '/\ufffd' } }
    const other = { int_arg: 1 }
    for (const arg of [unreadable, inexact, replaced, other]) {
      assert.deepEqual(outcomes(spec, call([arg])), ['undecided'], JSON.stringify(arg))
    }
    assert.deepEqual(outcomes(spec, call([])), ['undecided'])
  })

  it('files by identity, which events do not have', () => {
    const both = hookOn('file', 'operator: Equal, values: ["/a", "inode:/a"]')
    const opens = ['/a', '/b'].map((path) => call([{ file_arg: { path } }]))
    assert.deepEqual(outcomes(both, ...opens), ['hit', 'undecided'])
  })

  it('calls that may be at an address, which events do not have', () => {
    const uprobe = (location: string) => `
uprobes:
- path: /bin/sh
  ${location}
  selectors:
  - matchPIDs: [{operator: In, values: [7]}]`
    const at = (location: object, path = '/bin/sh', pid = 7) =>
      event({ process_uprobe: { process: { ...cat, pid }, path, ...location } })
    const events = [
      at({ symbol: 'main' }),
      at({ offset: '4096' }),
      at({ offset: '4096' }, '/bin/other'),
      at({ offset: '4096' }, '/bin/sh', 8),
    ]
    assert.deepEqual(outcomes(uprobe('symbols: [main]'), ...events), [
      ...['hit', 'elsewhere', 'elsewhere', 'elsewhere'],
    ])
    assert.deepEqual(outcomes(uprobe('offsets: [0x1000]'), ...events), [
      ...['elsewhere', 'hit', 'elsewhere', 'miss'],
    ])
    assert.deepEqual(outcomes(uprobe('addrs: [0x401000]'), ...events), [
      ...['undecided', 'undecided', 'elsewhere', 'miss'],
    ])
    const run = new DryRun(policyOf('uprobes: [{path: /bin/sh, addrs: [1]}]'))
    run.see(events[1])
    assert.deepEqual(run.report.undecided, [
      { path: 'spec.uprobes[0].addrs', needs: 'the address of the probe', count: 1 },
    ])
  })

  it('which of two arguments a value is, unless labels say so', () => {
    const two = (labels: readonly string[]) => `
kprobes:
- call: some_function
  syscall: false
  args:
  - {index: 0, type: int${labels[0]}}
  - {index: 3, type: int${labels[1]}}
  selectors:
  - matchArgs: [{index: 3, operator: Equal, values: ["1"]}]`
    const recorded = call([{ int_arg: 1, label: 'flags' }])
    assert.deepEqual(outcomes(two(['', '']), recorded), ['undecided'])
    assert.deepEqual(outcomes(two(['', ', label: flags']), recorded), ['hit'])
  })

  it('all calls that an event stands for', () => {
    const run = new DryRun(policyOf(hookOn('int', 'operator: Equal, values: ["7"]')))
    const counted = { aggregation_info: { count: '934' } }
    const of = (int_arg: number, more = {}) => {
      const body = { process: cat, function_name: 'some_function', args: [{ int_arg }] }
      return event({ process_kprobe: { ...body, policy_name: 'watch' }, ...more })
    }
    for (const each of [of(7), of(7, counted), of(8, counted)]) run.see(each)
    const [{ recorded }] = run.report.hooks
    assert.deepEqual(recorded, [{ source: 'watch', calls: 1869, hits: 935, undecided: 0 }])
    assert.deepEqual(
      run.report.hits.map(({ count }) => count),
      [935],
    )
  })

  it('a selector after an undecided one', () => {
    const both = `${spec}\n  - matchActions: [{action: Post}]`
    assert.deepEqual(outcomes(both, call([])), ['undecided'])
    const run = new DryRun(policyOf(both))
    run.see(call([]))
    assert.deepEqual(run.report.undecided, [
      { path: 'spec.kprobes[0].selectors[0].matchArgs[0]', needs: 'the argument', count: 1 },
    ])
  })
})

describe('the start of a program', () => {
  const spec = `
kprobes:
- call: security_bprm_check
  syscall: false
  args: [{index: 0, type: linux_binprm}]
  selectors:
  - matchArgs: [{index: 0, operator: Prefix, values: [/tmp/]}]
    matchBinaries: [{operator: NotIn, values: [/usr/bin/make]}]`
  const exec = (flags: string, parent: string, pid = 9): Event =>
    event({
      process_exec: {
        process: { pid, binary: '/tmp/x', flags },
        parent: { pid: 1, binary: parent },
      },
    })

  it('is a call by the program before it', () => {
    const byShell = exec('execve clone', '/bin/sh')
    const byMake = exec('execve clone', '/usr/bin/make', 10)
    // Its own program before is /tmp/x.
    const again = exec('execve', '/usr/bin/make', 10)
    // The log does not have what it executed before.
    const unknown = exec('execve', '/bin/sh', 11)
    const events = [byShell, byMake, again, unknown]
    assert.deepEqual(outcomes(spec, ...events), ['hit', 'miss', 'hit', 'undecided'])
  })

  it('has the parent of the program before it, which events of a further program lack', () => {
    const byParent = spec.replace('matchBinaries', 'matchParentBinaries')
    const first = exec('execve clone', '/bin/sh')
    assert.deepEqual(outcomes(byParent, first, exec('execve', '/tmp/x')), ['hit', 'undecided'])
  })

  it('is what filters of process events decide about, after it', () => {
    const filter = (conditions: string): string => `
processes:
- selectors:
  - ${conditions}
    matchActions: [{action: NoPost}]`
    const start = (process: object, parent = '/bin/sh'): Event =>
      event({
        process_exec: {
          process: { pid: 9, binary: '/tmp/x', flags: 'execve clone', ...process },
          parent: { pid: 1, binary: parent },
        },
      })
    const events = [
      start({ arguments: 'a -q', cap: { effective: ['CAP_SYS_ADMIN'] } }),
      start({ binary: '/tmp/y', arguments: 'a', cap: { effective: [] } }, '/tmp/x'),
    ]
    const decided = (conditions: string): string[] => outcomes(filter(conditions), ...events)
    for (const [conditions, expected] of Object.entries({
      'matchBinaries: [{operator: In, values: [/tmp/x]}]': ['hit', 'miss'],
      'matchCmdArgs: [{index: 1, operator: Equal, values: [-q]}]': ['hit', 'miss'],
      'matchParentBinaries: [{operator: NotIn, values: [/tmp/x]}]': ['hit', 'miss'],
      'matchCapabilities: [{operator: In, values: [CAP_SYS_ADMIN]}]': ['hit', 'miss'],
      'matchNamespaces: [{namespace: Uts, operator: In, values: [host_ns]}]': [
        ...['undecided', 'undecided'],
      ],
    })) {
      assert.deepEqual(decided(conditions), expected, conditions)
    }
    const run = new DryRun(policyOf(filter('matchBinaries: [{operator: In, values: [/tmp/x]}]')))
    for (const each of events) run.see(each)
    const [{ actions, binary, count }] = run.report.hits
    assert.deepEqual([actions, binary, count], [['NoPost'], '/tmp/x', 1])
  })

  it('is not a call if it was before the agent', () => {
    assert.deepEqual(outcomes(spec, exec('procFS auid', '/bin/sh')), ['elsewhere'])
  })

  it('is not forgotten before the process ends', () => {
    const exit = event({ process_exit: { process: { pid: 9, binary: '/tmp/x' } } })
    const events = [exec('execve clone', '/bin/sh'), exit, exec('execve', '/bin/sh')]
    assert.deepEqual(outcomes(spec, ...events), ['hit', 'elsewhere', 'undecided'])
  })

  it('may be that of a script, whose interpreter is unknown', () => {
    const script = { ...cat, binary: '/x/run', arguments: './run now' }
    const byProgram = hookOn('int', 'operator: Equal, values: ["1"]').replace(
      'matchActions',
      'matchBinaries: [{operator: In, values: [/x/run]}]\n    matchActions',
    )
    const args = [{ int_arg: 1 }]
    assert.deepEqual(outcomes(byProgram, call(args, { process: script })), ['undecided'])
    const known = { ...script, executable: '/bin/dash' }
    assert.deepEqual(outcomes(byProgram, call(args, { process: known })), ['miss'])
  })

  it('is that of the file, where the event has its path', () => {
    const byProgram = hookOn('int', 'operator: Equal, values: ["1"]').replace(
      'matchActions',
      'matchBinaries: [{operator: In, values: [/bin/real]}]\n    matchActions',
    )
    const by = (binary: string, executable: string): Event =>
      call([{ int_arg: 1 }], { process: { ...cat, binary, executable } })
    const events = [
      by('/tmp/link', '/bin/real'),
      by('/bin/real', '/tmp/other'),
      by('/dev/fd/3', '/bin/real (deleted)'),
      by('/tmp/x', '(unreachable)/bin/real'),
    ]
    assert.deepEqual(outcomes(byProgram, ...events), ['hit', 'miss', 'hit', 'undecided'])
    const byLink = byProgram.replace('values: [/bin', 'resolveLinks: true, values: [/bin')
    const ofLinks = [by('/bin/real', '/tmp/other'), by('/tmp/link', '/tmp/other')]
    assert.deepEqual(outcomes(byLink, ...events), ['hit', 'hit', 'hit', 'undecided'])
    assert.deepEqual(outcomes(byLink, ...ofLinks), ['hit', 'undecided'])
  })
})

describe('the process of a call', () => {
  const on = (condition: string): string => `
kprobes:
- call: some_function
  syscall: false
  selectors:
  - ${condition}`
  const by = (more: object, parent?: object): Event =>
    call([], { process: { ...cat, ...more }, ...(parent && { parent }) })

  it('is known by pid; ancestors may be missing', () => {
    const forks = on('matchPIDs: [{operator: In, followForks: true, values: [3]}]')
    const events = [by({ pid: 3 }), by({}, { pid: 3 }), by({}, { pid: 4 })]
    assert.deepEqual(outcomes(forks, ...events), ['hit', 'hit', 'undecided'])
    const own = on('matchPIDs: [{operator: NotIn, values: [3]}]')
    assert.deepEqual(outcomes(own, ...events), ['miss', 'hit', 'hit'])
    assert.deepEqual(outcomes(own, by({ pid: undefined })), ['undecided'])
  })

  it('has the namespaces and capabilities of its start, if at all', () => {
    const spaces = on('matchNamespaces: [{namespace: Net, operator: NotIn, values: [host_ns]}]')
    const inside = by({ ns: { net: { inum: 5 } } })
    const outside = by({ ns: { net: { inum: 4, is_host: true } } })
    assert.deepEqual(outcomes(spaces, inside, outside, by({})), ['hit', 'miss', 'undecided'])
    const capable = on('matchCapabilities: [{type: Effective, operator: In, values: [CAP_CHOWN]}]')
    const run = new DryRun(policyOf(capable))
    const sets = [{ effective: ['CAP_CHOWN'] }, {}].map((cap) => by({ cap }))
    assert.deepEqual(
      sets.flatMap((each) => run.see(each)).map(({ kind }) => kind),
      ['hit', 'miss'],
    )
    assert.match(run.report.assumptions.join(), /capabilities/)
  })

  it('is in a pod, outside of all, or neither is known', () => {
    const pod = { namespace: 'web', name: 'a', pod_labels: { app: 'a' } }
    const selected = `podSelector: {matchLabels: {app: a}}${on('{}')}`
    const events = [by({ pod }), by({ pod: { ...pod, pod_labels: {} } }), by({})]
    assert.deepEqual(outcomes(selected, ...events, by({ docker: 'c0ffee' })), [
      ...['hit', 'miss', 'miss', 'undecided'],
    ])
    assert.deepEqual(outcomes(`hostSelector: {}${on('{}')}`, by({ pod }), by({})), ['miss', 'hit'])
  })
})

test('a dry run of any policy takes any event', () => {
  const { documents } = readPolicies(everythingPolicy(), 'everything.yaml')
  fc.assert(
    fc.property(fc.array(arbitraryMessage(GetEventsResponse, 4), { maxLength: 5 }), (messages) => {
      const run = new DryRun(documents[0].policy)
      for (const message of messages) {
        const parsed = parseEvent(JSON.stringify(message))
        if (parsed.ok) run.see(parsed.event)
      }
    }),
  )
})

test('a hit names its selector, or its hook if that has none', () => {
  const run = new DryRun(
    policyOf(`
kprobes:
- call: some_function
  syscall: false
  args: [{index: 0, type: int}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["1"]}]
  - matchArgs: [{index: 0, operator: Equal, values: ["2"]}]
- {call: some_function, syscall: false}`),
  )
  const outcomes = run.see(call([{ int_arg: 2 }]))
  assert.deepEqual(
    outcomes.map((each) => each.kind === 'hit' && each.selector),
    ['spec.kprobes[0].selectors[1]', 'spec.kprobes[1]'],
  )
})
