import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { type HookEvent, PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { repositoryRoot } from '../../vm/repository.ts'

const library = join(repositoryRoot, 'policies')

/** Triggers of the library's policies: scripts with these programs as variables. */
const triggers: Readonly<Record<string, string>> = {
  'containers/mounts.yaml': 'unshare -m sh -c "$TRIGGER mount none $FOLDER tmpfs"',
  'file/follow-etc.yaml': '$HOOK_LOOP 1 open /etc/hosts in-namespace',
  'file/sensitive-reads.yaml': '$TRIGGER open /etc/shadow 0',
  'host/clock-and-name.yaml': '$TRIGGER try syscall 227 99 0',
  'kernel/bpf-programs.yaml': '$TRIGGER try syscall 321 5 0 0',
  'kernel/modules.yaml': '$TRIGGER try init-module none',
  'network/listening.yaml': '$TRIGGER listen 127.0.0.1 0',
  'network/metadata-service.yaml':
    'unshare -n sh -c "ip link set lo up; ip address add 169.254.169.254 dev lo; ' +
    '$TRIGGER tcp 169.254.169.254 0 text"',
  'network/tcp-connections.yaml': '$TRIGGER tcp 127.0.0.1 0 text',
  'privilege/become-root.yaml': '$TRIGGER setuid 0',
  'privilege/namespaces.yaml': 'unshare -u true',
  'process/exec-from-writable-folders.yaml': '$FOLDER/noop',
  'process/memory-files.yaml': '$TRIGGER memfd name',
  'process/ptrace.yaml': '$TRIGGER try syscall 101 16 4194300 0 0',
}

/** Evasions by an attacker, and the events that must be posted nevertheless. */
interface Evasion {
  readonly script: string
  expect(events: readonly HookEvent[]): void
}

const functionsOf = (events: readonly HookEvent[]) => events.map(({ body }) => body.function_name)

const becomesRoot = (script: string, ...functions: string[]): Evasion => ({
  script,
  expect: (events) => assert.deepEqual(functionsOf(events), functions),
})

const clonesNamespace = (script: string): Evasion => ({
  script,
  expect(events) {
    assert.equal(events.length, 1)
    assert.equal(events[0].body.event, 'task_newtask')
    assert.equal(events[0].args[1].size_arg, String(0x04000000))
  },
})

const evasions: Readonly<Record<string, readonly Evasion[]>> = {
  'file/follow-etc.yaml': [
    {
      script: '$HOOK_LOOP 2 open /etc/hosts in-namespace',
      expect(events) {
        const closes = events.filter(({ body }) => body.function_name?.endsWith('sys_close'))
        assert.equal(closes.length, 2)
        for (const { args } of closes) assert.equal(args[0].file_arg?.path, '/etc/hosts')
      },
    },
  ],
  'privilege/become-root.yaml': [
    becomesRoot('$TRIGGER syscall 113 -1 0', '__x64_sys_setreuid'),
    becomesRoot('$TRIGGER syscall 113 0 -1', '__x64_sys_setreuid'),
    becomesRoot('$TRIGGER setresuid -1 -1 0', '__x64_sys_setresuid'),
    becomesRoot('$TRIGGER setresuid -1 -1 -1 -- syscall 113 -1 -1'),
    ...(process.arch === 'x64'
      ? [
          becomesRoot(
            '$TRIGGER syscall32 213 0 -- syscall32 203 -1 0 -- syscall32 208 -1 -1 0',
            ...['__ia32_sys_setuid', '__ia32_sys_setreuid', '__ia32_sys_setresuid'],
          ),
          becomesRoot(
            '$TRIGGER syscall32 23 0 -- syscall32 70 65535 0 -- syscall32 164 65535 65535 0',
            ...['__ia32_sys_setuid16', '__ia32_sys_setreuid16', '__ia32_sys_setresuid16'],
          ),
        ]
      : []),
  ],
  'privilege/namespaces.yaml': [
    clonesNamespace('$TRIGGER clone 0x04000000'),
    clonesNamespace('$TRIGGER clone3 0x04000000'),
  ],
}

const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
  // Those of `tests` are for `tetra policytest` (policytests.portable.test.ts), those of `enforce`
  // are attacked (enforcement/library.vm.test.ts), those of `user` need their own programs
  // (user-probes/library*.test.ts).
  .filter((name) => name.endsWith('.yaml') && !/^(tests|enforce|user)\//.test(name))
  .sort()

describe('policy library', () => {
  let run: PolicyRun
  let variables: string

  before(async () => {
    run = await PolicyRun.start()
    // A folder that the library considers world-writable.
    copyFileSync(await workload('noop'), join(run.folder, 'noop'))
    const [trigger, hookLoop] = [await workload('trigger'), await workload('hook-loop')]
    variables = `export TRIGGER=${trigger} HOOK_LOOP=${hookLoop} FOLDER=${run.folder}\n`
  })
  after(() => run?.stop())

  it('has a trigger for each policy, and names each in its README', () => {
    assert.deepEqual(files, Object.keys(triggers))
    const readme = readFileSync(join(library, 'README.md'), 'utf8')
    for (const file of files) assert.ok(readme.includes(`\`${file}\``), `README.md lacks ${file}`)
  })

  for (const file of files) {
    it(`${file} says what it costs and posts when it is triggered`, async (t) => {
      const text = readFileSync(join(library, file), 'utf8')
      assert.match(text, /^#.*\n(#.*\n)*# Cost: .*\n(#.*\n)*apiVersion:/)
      let policy: Awaited<ReturnType<PolicyRun['load']>>
      try {
        policy = await run.load(text)
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error
        if (error.diagnostics.some(({ code }) => code !== 'POLICY_HOOK')) throw error
        return t.skip(error.message)
      }
      try {
        const events = await run.finish(run.spawn('/bin/sh', ['-c', variables + triggers[file]]))
        assert.ok(events.length > 0, 'nothing was posted')
        for (const event of events) assert.equal(event.policy, policy.compiled.document.policy.name)
        for (const { script, expect } of evasions[file] ?? []) {
          expect(await run.finish(run.spawn('/bin/sh', ['-c', variables + script])))
        }
      } finally {
        await run.unload(policy)
      }
    })
  }
})
