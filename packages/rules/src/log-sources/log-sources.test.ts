import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event, EventKey, KprobeArgument } from '@tetragon-ts/api'
import { splitArguments } from './arguments-text.ts'
import { findField } from './find-field.ts'
import { type EventRecord, type LogSourceName, logSources } from './index.ts'
import { processField } from './process-fields.ts'

const process = {
  ...{ exec_id: 'x', pid: 7, uid: 0, auid: 1000, cwd: '/root' },
  ...{ binary: '/usr/bin/python3', arguments: '-c "import os" "" x"y' },
}

function event(key: EventKey, body: object = {}): Event {
  const whole = { process, parent: { binary: '/bin/bash' }, ...body }
  return { key, body: whole, response: { [key]: whole, time: '2026-01-01T00:00:00Z' } } as Event
}

function kprobe(name: string, args: readonly KprobeArgument[], more: object = {}): Event {
  return event('process_kprobe', { function_name: name, args, ...more })
}

/** Records without fields that have no value. */
function records(name: LogSourceName, each: Event): EventRecord[] {
  return logSources[name].records(each).map((record) => {
    const { UtcTime: _, time: __, ...others } = record
    return Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
  })
}

const path = (text: string): KprobeArgument => ({ file_arg: { path: text } })
const folder = { int_arg: -100 }

describe('log sources', () => {
  for (const [name, each, expected] of [
    ['process_creation', event('process_exec'), [{}]],
    ['process_creation', event('process_exit'), []],
    ['process_termination', event('process_exit', { status: 3 }), [{ ExitCode: '3' }]],
    ['process_termination', event('process_exit', { signal: 'SIGKILL' }), [{ Signal: 'SIGKILL' }]],
    [
      'file_event',
      kprobe('__x64_sys_openat', [folder, { string_arg: '/a' }, { int_arg: 0o101 }]),
      [{ TargetFilename: '/a', Truncates: 'false' }],
    ],
    ['file_event', kprobe('sys_openat', [folder, { string_arg: '/a' }, { int_arg: 0 }]), []],
    [
      'file_access',
      kprobe('sys_openat', [folder, { string_arg: '/a' }, { int_arg: 0 }]),
      [{ TargetFilename: '/a', FileName: '/a' }],
    ],
    [
      'file_event',
      kprobe('security_file_permission', [path('/a'), { int_arg: 2 }]),
      [{ TargetFilename: '/a' }],
    ],
    ['file_event', kprobe('security_file_permission', [path('/a'), { int_arg: 4 }]), []],
    [
      'file_access',
      event('process_lsm', { function_name: 'file_open', args: [path('/a')] }),
      [{ TargetFilename: '/a', FileName: '/a' }],
    ],
    [
      'file_access',
      kprobe('security_file_open', [path('/a'), { uint_arg: 0o100000, label: 'flags' }]),
      [{ TargetFilename: '/a', FileName: '/a' }],
    ],
    ['file_access', kprobe('security_file_open', [path('/a'), { uint_arg: 0o2001 }]), []],
    [
      'file_event',
      kprobe('security_file_open', [path('/a'), { uint_arg: 0o2001, label: 'flags' }]),
      [{ TargetFilename: '/a', Truncates: 'false' }],
    ],
    [
      'file_event',
      kprobe('security_file_open', [
        path('/a'),
        { uint_arg: 0o1001, label: 'flags' },
        { uint_arg: 0o20666, label: 'mode' },
      ]),
      [{ TargetFilename: '/a', Truncates: 'true', FileType: 'character device' }],
    ],
    [
      'file_delete',
      kprobe('security_path_unlink', [path('/mnt/b'), path('/b/c')]),
      [{ TargetFilename: '/mnt/b/c' }],
    ],
    ['file_event', kprobe('security_file_open', [path('/a')]), []],
    [
      'file_change',
      kprobe('sys_fchmodat', [folder, { string_arg: '/a' }, { uint_arg: 0o4755 }]),
      [{ TargetFilename: '/a', Mode: '4755' }],
    ],
    [
      'file_rename',
      kprobe('sys_renameat2', [folder, { string_arg: '/a' }, folder, { string_arg: '/b' }]),
      [{ SourceFilename: '/a', TargetFilename: '/b' }],
    ],
    [
      'file_delete',
      event('process_tracepoint', {
        subsys: 'syscalls',
        event: 'sys_enter_unlink',
        args: [{ string_arg: '/a' }],
      }),
      [{ TargetFilename: '/a' }],
    ],
    [
      'driver_load',
      kprobe('do_init_module', [{ module_arg: { name: 'm', signature_ok: false } }]),
      [{ ImageLoaded: 'm', Signed: 'false' }],
    ],
    [
      'process_access',
      kprobe('sys_ptrace', [{ long_arg: '16' }, { long_arg: '9' }]),
      [{ GrantedAccess: '16', TargetProcessId: '9' }],
    ],
    [
      'process_access',
      kprobe('security_file_open', [path('/proc/9/mem')]),
      [{ TargetProcessId: '9', TargetFilename: '/proc/9/mem' }],
    ],
    ['create_remote_thread', kprobe('sys_ptrace', [{ long_arg: '16' }, { long_arg: '9' }]), []],
    [
      'create_remote_thread',
      kprobe('sys_ptrace', [{ long_arg: '4' }, { long_arg: '9' }]),
      [{ TargetProcessId: '9' }],
    ],
    [
      'dns_query',
      event('process_uprobe', {
        symbol: 'getaddrinfo',
        args: [{ string_arg: 'a.b', label: 'name' }],
      }),
      [{ QueryName: 'a.b' }],
    ],
    [
      'tetragon_hook',
      kprobe('sys_setns', [{ int_arg: 3, label: 'fd' }, { int_arg: 4 }], { policy_name: 'p' }),
      [{ Hook: 'sys_setns', Policy: 'p', 'args.fd': '3', 'args.1': '4' }],
    ],
    ['tetragon_hook', event('process_exec'), []],
  ] as const) {
    it(`${name}: ${each.key} ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(records(name, each), expected)
    })
  }

  it('network_connection: source is the end that began the connection', () => {
    const sock = {
      saddr: '10.0.0.1',
      sport: 4000,
      daddr: '1.2.3.4',
      dport: 443,
      protocol: 'IPPROTO_TCP',
    }
    const [out] = records('network_connection', kprobe('tcp_connect', [{ sock_arg: sock }]))
    assert.equal(out.DestinationIp, '1.2.3.4')
    assert.equal(out.DestinationPort, '443')
    assert.equal(out.Initiated, 'true')
    assert.equal(out.Protocol, 'tcp')
    const accepted = kprobe('inet_csk_accept', [], { return: { sock_arg: sock } })
    const [inward] = records('network_connection', accepted)
    assert.equal(inward.SourceIp, '1.2.3.4')
    assert.equal(inward.DestinationPort, '4000')
    assert.equal(inward.Initiated, 'false')
  })

  it('auditd: a start of a program is three records', () => {
    const found = records('auditd', event('process_exec'))
    assert.deepEqual(
      found.map(({ type }) => type),
      ['SYSCALL', 'EXECVE', 'PATH'],
    )
    assert.equal(found[0].comm, 'python3')
    assert.equal(found[0].SYSCALL, 'execve')
    assert.deepEqual(
      [found[1].a0, found[1].a1, found[1].a2],
      [['/usr/bin/python3', 'python3'], '-c', 'import os'],
    )
    assert.equal(found[2].name, '/usr/bin/python3')
  })

  it('auditd: arguments of system calls are hexadecimal', () => {
    const found = records(
      'auditd',
      kprobe('sys_mknodat', [folder, { string_arg: '/dev/x' }, { int_arg: 0x4000 }]),
    )
    assert.equal(found[0].SYSCALL, 'mknodat')
    assert.equal(found[0].syscall, '259')
    assert.equal(found[0].a0, 'ffffffffffffff9c')
    assert.equal(found[0].a2, '4000')
    assert.deepEqual(found[1], { type: 'PATH', name: '/dev/x', nametype: 'CREATE' })
  })
})

describe('fields', () => {
  it('are those of the taxonomy, and paths of processes', () => {
    const found = (name: string) => {
      const field = findField(logSources.process_creation, name)
      return field && field.of !== 'nothing' ? `${field.of} ${field.path}` : field?.of
    }
    assert.equal(found('ParentImage'), 'parent binary')
    assert.equal(found('ancestors.pod.namespace'), 'ancestors pod.namespace')
    assert.equal(
      found('process.pod.pod_labels.app.kubernetes.io/name'),
      'process pod.pod_labels.app.kubernetes.io/name',
    )
    assert.equal(found('Hashes'), 'nothing')
    assert.equal(found('process.pod'), undefined)
    assert.equal(found('process.constructor'), undefined)
    assert.equal(found('toString'), undefined)
  })

  it('are read from a process', () => {
    const read = (path: string, from: object = process) => processField(path)?.read(from)
    assert.equal(read('command_line'), '/usr/bin/python3 -c "import os" "" x"y')
    assert.equal(read('user_name'), 'root')
    assert.equal(read('user_name', { uid: 5, user: { name: 'joe' } }), 'joe')
    assert.equal(read('pid'), '7')
    assert.equal(read('pod.pod_labels.a.b', { pod: { pod_labels: { 'a.b': 'c' } } }), 'c')
    assert.deepEqual(read('cap.effective', { cap: { effective: ['CAP_A', 'CAP_B'] } }), [
      'CAP_A',
      'CAP_B',
    ])
    assert.equal(read('pod.namespace'), undefined)
    assert.equal(read('pod.pod_labels.constructor', { pod: { pod_labels: {} } }), undefined)
    // Cached processes inherit getters.
    class Cached {
      get pid() {
        return 8
      }
    }
    assert.equal(read('pid', new Cached()), '8')
  })

  it('arguments are split where events join them', () => {
    assert.deepEqual(splitArguments(process.arguments), ['-c', 'import os', '', 'x"y'])
    assert.deepEqual(splitArguments('"a \\"b\\\\" "c'), ['a "b\\', '"c'])
  })
})
