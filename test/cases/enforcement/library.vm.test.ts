import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { isMain } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import { repositoryRoot } from '../../vm/repository.ts'
import {
  Attacked,
  allowed,
  attempts,
  type Loaded,
  type Operation,
  type Tally,
  workers,
} from './attack.ts'
import { leftToHost } from './ways.ts'

/** What a policy says of itself. */
const header = /^#.*\n(#.*\n)*# Means: .*\n(#.*\n)*# Cost: .*\n(#.*\n)*apiVersion:/

const library = join(repositoryRoot, 'policies', 'enforce')

interface Attack {
  readonly operations: readonly Operation[]
  /** Makes the policy protect what is attacked. */
  adapt?(text: string, attacked: Attacked): string
  /** Prepares what an operation needs. @returns its target */
  prepare?(attacked: Attacked, operation: Operation): string
  readonly result: Tally
  /** Operations that the kernel lets fail with another error than that of the policy. */
  readonly errors?: Readonly<Partial<Record<Operation, number>>>
  /** Whether this kernel must be able to run it. */
  isPossible(): boolean
  readonly isShownByHost?: boolean
}

const unseen = { attempts, effects: 0 }
const refused: Tally = { ...unseen, killed: 0, refused: { 1: attempts } }
const killed: Tally = { ...unseen, killed: attempts, refused: {} }
const has = (feature: FeatureName) => () => probe(feature).answer === 'yes'
/** The host shows it as well as the main kernel. */
const byHost = (feature: FeatureName) => ({
  result: refused,
  isPossible: has(feature),
  isShownByHost: true,
})
const byLsm = { result: refused, isPossible: has('lsm') }
const bySignal = { result: killed, isPossible: () => true }

const onlyMessages = `            - {index: 2, operator: DAddr, values: ["127.0.0.1"]}
            - {index: 2, operator: Protocol, values: [IPPROTO_UDP]}
`

function onlyBy(program: string): string {
  return `        - matchBinaries: [{operator: In, values: ["${program}"]}]\n`
}

const attacks: Readonly<Record<string, Attack>> = {
  'bpf.yaml': { operations: ['bpf'], ...byLsm },
  'egress-packets.yaml': {
    operations: ['sendto'],
    // The same; other packets of this host are not to be dropped.
    adapt: (text) =>
      text
        .replace('127.0.0.0/8', '192.0.2.0/24')
        .replace('        - matchArgs:\n', `        - matchArgs:\n${onlyMessages}`),
    ...byHost('cgroup_skb'),
  },
  'egress.yaml': {
    operations: ['connect-own', 'sendto'],
    // The attacker reaches only addresses of this host, and other programs are to reach them, too.
    adapt: (text, { attacker }) =>
      text
        .replace('127.0.0.0/8', '192.0.2.0/24')
        .replaceAll('        - matchArgs:\n', `${onlyBy(attacker)}          matchArgs:\n`),
    ...byHost('cgroup_sock_addr'),
  },
  'exec-from-memory.yaml': { operations: ['memfd', 'shared-memory', 'segment'], ...bySignal },
  'exec-from-writable-folders.yaml': {
    operations: ['exec', 'execveat'],
    // Tests may run in such a folder, as the program that attacks does.
    adapt: (text, { program }) => text.replace(/"\/(tmp|var\/tmp|dev\/shm)\/"/g, `"${program}"`),
    ...bySignal,
  },
  'modules.yaml': { operations: ['init-module', 'finit-module'], ...byLsm },
  'raw-sockets-by-cgroup.yaml': {
    operations: ['raw', 'raw6', 'raw-any', 'raw-uring', 'raw-i386', 'raw-socketcall'],
    ...byHost('cgroup'),
  },
  'raw-sockets.yaml': { operations: ['raw', 'packet'], ...byLsm },
  'secrets-by-fanotify.yaml': {
    operations: ['open', 'openat2', 'path-fd', 'handle', 'write'],
    adapt: (text, { file }) => text.replace('/etc/shadow', file),
    ...byHost('fanotify'),
  },
  'secrets.yaml': {
    operations: ['open', 'openat2', 'path-fd', 'handle', 'write'],
    adapt: (text, { file }) => text.replace('/etc/shadow', file),
    ...byLsm,
  },
  'sysctls.yaml': {
    operations: ['sysctl', 'sysctl-uring', 'sysctl-bound'],
    // The attacker has one of its own.
    adapt: (text) => text.replace('/sys/kernel/core_pattern', '/sys/net/ipv4/ip_default_ttl'),
    prepare: () => '/proc/sys/net/ipv4/ip_default_ttl',
    ...byHost('cgroup_sysctl'),
  },
  'system-programs.yaml': {
    operations: [
      ...(['append', 'truncate', 'open-truncate', 'rename'] as const),
      ...(['link', 'symlink', 'unlink', 'chmod'] as const),
    ],
    adapt: (text, { run }) => text.replace('"/usr/bin"', `"${run.folder}/bin"`),
    prepare: ({ run }, operation) => filesOfWorkers(join(run.folder, 'bin'), operation),
    ...byLsm,
  },
  'tracing.yaml': {
    operations: ['ptrace', 'traceme', 'vm-write', 'memory-file', 'descriptor'],
    // mm_access in kernel/fork.c
    errors: { 'memory-file': constants.errno.EACCES },
    ...byLsm,
  },
  'user-namespaces.yaml': {
    operations: ['unshare'],
    result: refused,
    isPossible: () =>
      has('lsm')() && Btf.open().find('bpf_lsm_userns_create', 'func') !== undefined,
  },
}

/** Policies that other files attack: `library-….kernel.test.ts`. */
const attackedElsewhere = [
  ...['container-exec.yaml', 'container-exec-by-signal.yaml'],
  ...['container-programs.yaml', 'container-programs-by-signal.yaml'],
  'mounts.yaml',
  ...['new-privileges.yaml', 'new-privileges-by-signal.yaml'],
]

/** The files that attackers change, as they would create them themselves. */
function filesOfWorkers(folder: string, operation: Operation): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const content = operation.endsWith('truncate') ? 'b' : ''
  for (let i = 0; i < workers; i++) {
    writeFileSync(join(folder, `file.${i}.file`), content, { mode: 0o600 })
  }
  return join(folder, 'file')
}

describe('policies that enforce', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  it('have attacks', () => {
    const files = [...Object.keys(attacks), ...attackedElsewhere].sort()
    assert.deepEqual(readdirSync(library).sort(), files)
    const readme = readFileSync(join(library, '../README.md'), 'utf8')
    for (const file of files) {
      assert.ok(readme.includes(`\`enforce/${file}\``), file)
      assert.match(readFileSync(join(library, file), 'utf8'), header)
    }
  })

  for (const [file, attack] of Object.entries(attacks)) {
    const { operations, adapt = (text) => text, prepare, result, errors, isPossible } = attack
    it(`${file} prevents what it says`, async (t) => {
      if (attack.isShownByHost && isMain) return t.skip(leftToHost)
      const text = readFileSync(join(library, file), 'utf8')
      const possible: Operation[] = []
      for (const operation of operations) {
        const { tally } = await attacked.attack(operation, 'child', prepare?.(attacked, operation))
        if (tally.effects > 0) {
          possible.push(operation)
          assert.deepEqual(tally, allowed)
        } else t.diagnostic(`${operation}: not possible here: ${JSON.stringify(tally)}`)
      }
      if (possible.length === 0) return t.skip('this kernel allows none of the attacks')
      let loaded: Loaded
      try {
        loaded = await attacked.run.load(adapt(text, attacked))
      } catch (error) {
        if (!(error instanceof PolicyError) || isPossible()) throw error
        return t.skip(error.message)
      }
      try {
        for (const operation of possible) {
          const target = prepare?.(attacked, operation)
          const { tally } = await attacked.attack(operation, 'child', target)
          const error = errors?.[operation]
          const expected = error ? { ...result, refused: { [error]: attempts } } : result
          assert.deepEqual(tally, expected, operation)
        }
      } finally {
        await attacked.run.unload(loaded)
      }
    })
  }
})
