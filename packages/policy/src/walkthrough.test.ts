import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everythingPolicy } from './schema/index.ts'
import { goodPolicy, testPolicy } from './testing/policies.ts'

test('the policy that follows files: hooks, defaults and actions', () => {
  const policy = goodPolicy(testPolicy('follow-files'))
  assert.equal(policy.name, 'sys-read-follow-prefix')
  assert.deepEqual(
    policy.hooks.map(({ call, syscall }) => [call, syscall]),
    [
      ['fd_install', false],
      ['sys_close', true],
      ['sys_read', true],
      ['sys_write', true],
    ],
  )
  const [install, close, read, write] = policy.hooks
  const [selector] = install.selectors
  assert.deepEqual(selector.pids, [
    {
      path: 'spec.kprobes[0].selectors[0].matchPIDs[0]',
      negated: true,
      values: [1],
      isNamespacePid: true,
      followForks: true,
    },
  ])
  assert.deepEqual(selector.args[0].positions, [1])
  assert.deepEqual(selector.args[0].test, {
    operator: 'prefix',
    strings: [new TextEncoder().encode('/etc/')],
  })
  assert.deepEqual(selector.actions, [
    { path: 'spec.kprobes[0].selectors[0].matchActions[0]', action: 'FollowFD', fd: 0, name: 1 },
  ])
  assert.deepEqual(close.selectors[0].actions, [
    { path: 'spec.kprobes[1].selectors[0].matchActions[0]', action: 'UnfollowFD', fd: 0, name: 0 },
  ])
  assert.deepEqual(
    read.args.map((argument) => [argument.type, argument.returnCopy]),
    [
      ['fd', false],
      ['char_buf', true],
      ['size_t', false],
    ],
  )
  assert.equal(write.args[1].sizeIndex, 2)
  assert.deepEqual(read.selectors, [])
})

test('the policy of connections: sockets and a skipped parameter', () => {
  const policy = goodPolicy(testPolicy('connections'))
  assert.deepEqual(
    policy.hooks.map((hook) => [hook.call, ...hook.args.map(({ index, type }) => [index, type])]),
    [
      ['tcp_connect', [0, 'sock']],
      ['tcp_close', [0, 'sock']],
      ['tcp_sendmsg', [0, 'sock'], [2, 'int']],
    ],
  )
})

test('a policy with every feature is valid', () => {
  const policy = goodPolicy(everythingPolicy())
  assert.deepEqual(
    policy.hooks.map(({ section }) => section),
    [
      'kprobes',
      'kprobes',
      'kprobes',
      'kprobes',
      'fentries',
      'tracepoints',
      'tracepoints',
      'lsmhooks',
      'uprobes',
      'usdts',
      'processes',
    ],
  )
})
