import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it, type TestContext } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { type FakeContainer, groupsMount, isFull, PodRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { workload } from '@tetragon-ts/test/workloads'
import { repositoryRoot } from '../../vm/repository.ts'

const text = (file: string): string =>
  readFileSync(join(repositoryRoot, 'policies/enforce', file), 'utf8')

const image = 'docker.io/library/nginx:1.27'
const shell = realpathSync('/bin/sh')
const loader = '/lib64/ld-linux-x86-64.so.2'
const binfmt = '/proc/sys/fs/binfmt_misc'

describe('the list of programs of a container', {
  skip: !groupsMount() && 'no cgroup mount',
}, () => {
  let pods: PodRun
  let folder: string
  let variants: string
  before(async () => {
    pods = await PodRun.start()
    folder = pods.run.folder
    variants = own('variants')
    copyFileSync(await workload('exec-variants'), variants)
    for (const name of ['allowed', 'copy']) copyFileSync(await workload('marker'), own(name))
    linkSync(own('allowed'), own('hard'))
    symlinkSync('allowed', own('symbolic'))
    copyFileSync('/bin/cat', own('cat'))
    const script = `#!${shell}\nprintf s >&3\n`
    for (const name of ['script', 'other-script']) writeFileSync(own(name), script)
    copyFileSync(shell, own('other-shell'))
    writeFileSync(own('script-of-other'), `#!${own('other-shell')}\nprintf s >&3\n`)
    for (const name of ['allowed', 'copy', 'script', 'other-script', 'script-of-other']) {
      chmodSync(own(name), 0o755)
    }
    writeFileSync(own('one-byte'), 'l')
  })
  afterEach(() => pods?.clear())
  after(() => pods?.stop())
  const own = (name: string): string => join(folder, name)

  /** Number of bytes that a command wrote to the descriptor 3, as the first one in a group. */
  function marks(command: string, container?: FakeContainer): number {
    writeFileSync(own('marks'), '')
    const enter = container ? `echo 0 > ${container.group}/cgroup.procs; ` : ''
    spawnSync('/bin/sh', ['-c', `exec 3>>${own('marks')}; ${enter}${command}`], { stdio: 'ignore' })
    return statSync(own('marks')).size
  }

  /** Loads the policy, unless this kernel cannot run it. */
  async function load(t: TestContext, file: string, means?: 'lsm'): Promise<boolean> {
    const programs = [shell, variants, ...['allowed', 'script', 'script-of-other'].map(own)]
    const values = programs.map((path) => `                - "${path}"\n`).join('')
    const policy = text(file).replace(/(?<=values:\n)( +- "\/.*\n)+/, values)
    try {
      await pods.load(policy)
      return true
    } catch (error) {
      if (!(error instanceof PolicyError) || !means || probe(means).answer === 'yes') throw error
      t.skip(error.message)
      return false
    }
  }

  const copies = (): readonly string[] => [
    own('copy'),
    own('hard'),
    `exec ${own('copy')}`,
    `${own('copy')} & wait`,
    `cd ${folder}; ./copy`,
    ...['fd', 'dirfd', 'memfd', 'thread', 'vfork', 'empty-argv'].map(
      (variant) => `${variants} ${variant} ${own('copy')}`,
    ),
    `${variants} memfd ${own('allowed')}`,
    // The pipe ends with the sibling.
    `${variants} sibling ${own('copy')} | read end`,
  ]

  for (const [file, means] of [
    ['container-programs.yaml', 'lsm'],
    ['container-programs-by-signal.yaml', undefined],
  ] as const) {
    it(`${file} lets only these start`, async (t) => {
      const before = await pods.known({ image })
      for (const command of copies()) assert.equal(marks(command, before), 1, command)
      if (!(await load(t, file, means))) return
      const other = await pods.known({ image: 'docker.io/library/busybox:1.36' })
      const container = await pods.known({ image })
      for (const command of copies()) assert.equal(marks(command, container), 0, command)
      // The container is selected in the same way however a program is started.
      for (const command of isFull ? copies() : copies().slice(0, 1)) {
        assert.equal(marks(command, other), 1, `${command} in another container`)
        assert.equal(marks(command), 1, `${command} on the host`)
      }
      for (const command of [
        own('allowed'),
        own('symbolic'),
        own('script'),
        `${variants} thread ${own('allowed')}`,
        // As the policy says, what an allowed interpreter reads is not checked.
        `sh ${own('other-script')}`,
      ]) {
        assert.equal(marks(command, container), 1, command)
      }
    })

    it(`${file} checks the loader as a program`, async (t) => {
      if (!existsSync(loader)) return t.skip(`${loader}: it does not exist`)
      const before = await pods.known({ image })
      const command = `${loader} /bin/cat ${own('one-byte')} >&3`
      assert.equal(marks(command, before), 1)
      if (!(await load(t, file, means))) return
      const container = await pods.known({ image })
      assert.equal(marks(command, container), 0)
      assert.equal(marks(command), 1)
    })

    it(`${file} checks 32-bit calls`, async (t) => {
      const before = await pods.known({ image })
      const command = `${variants} int80 ${own('copy')}`
      if (marks(command, before) === 0) return t.skip('this kernel has no 32-bit calls')
      if (!(await load(t, file, means))) return
      const container = await pods.known({ image })
      assert.equal(marks(command, container), 0)
      assert.equal(marks(command), 1)
    })
  }

  it('container-programs.yaml checks a script and its interpreter', async (t) => {
    const before = await pods.known({ image })
    const refused = ['other-script', 'script-of-other'].map(own)
    for (const command of refused) assert.equal(marks(command, before), 1, command)
    if (!(await load(t, 'container-programs.yaml', 'lsm'))) return
    const container = await pods.known({ image })
    for (const command of refused) assert.equal(marks(`exec ${command}`, container), 0, command)
    for (const command of refused) assert.equal(marks(command), 1, command)
  })

  for (const [file, means, interpreter] of [
    ['container-programs.yaml', 'lsm', 'allowed'],
    // Without kprobes only the interpreter is seen.
    ['container-programs-by-signal.yaml', undefined, 'copy'],
  ] as const) {
    it(`${file} checks what a registered format runs (binfmt_misc)`, async (t) => {
      const before = await pods.known({ image })
      const mount = spawnSync('mount', ['-t', 'binfmt_misc', 'none', binfmt], { encoding: 'utf8' })
      if (!existsSync(`${binfmt}/register`)) return t.skip(`binfmt_misc: ${mount.stderr}`)
      writeFileSync(own('foreign'), 'tetragon-test: no program')
      chmodSync(own('foreign'), 0o755)
      const format = `:tetragon-test:M::tetragon-test\\x3a::${own(interpreter)}:`
      try {
        writeFileSync(`${binfmt}/register`, format)
        const command = `exec ${own('foreign')}`
        assert.equal(marks(command, before), 1)
        if (!(await load(t, file, means))) return
        const container = await pods.known({ image })
        assert.equal(marks(command, container), 0)
        assert.equal(marks(command), 1)
      } finally {
        if (existsSync(`${binfmt}/tetragon-test`)) writeFileSync(`${binfmt}/tetragon-test`, '-1')
        if (mount.status === 0) spawnSync('umount', [binfmt])
      }
    })
  }
})
