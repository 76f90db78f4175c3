import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { workload } from '@tetragon-ts/test/workloads'
import { repositoryRoot } from '../../vm/repository.ts'

const text = (file: string): string =>
  readFileSync(join(repositoryRoot, 'policies/enforce', file), 'utf8')

/** A shell in namespaces of its own that executes the commands it gets, as pid 1. */
class Container {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<Buffer>
  /** Returns its pid on the host. */
  readonly pid: () => number

  static async start(folder: string): Promise<Container> {
    const script = 'while read -r line; do eval "$line"; echo done; done'
    const args = ['--pid', '--mount', '--fork', '--kill-child', '/bin/sh', '-c', script]
    const child = spawn('unshare', args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    const answers = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const path = `/proc/${child.pid}/task/${child.pid}/children`
    // The child of unshare answers: so it is there.
    const pid = () => Number(readFileSync(path, 'utf8'))
    const container = new Container(child, answers, pid)
    await container.run(':')
    return container
  }

  private constructor(child: ChildProcess, answers: AsyncIterator<Buffer>, pid: () => number) {
    this.#child = child
    this.#answers = answers
    this.pid = pid
  }

  /** Runs a line of the shell to its end. */
  async run(line: string): Promise<void> {
    this.#child.stdin?.write(`${line}\n`)
    for (let output = ''; !output.endsWith('done\n'); ) {
      const { value, done } = await this.#answers.next()
      if (done) throw new Error(`run ${line} in the container: it has ended`)
      output += String(value)
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }
}

describe('policies against programs from outside in containers', () => {
  let run: PolicyRun
  let variants: string
  const containers: Container[] = []
  before(async () => {
    run = await PolicyRun.start()
    copyFileSync(await workload('marker'), own('marker'))
    variants = own('variants')
    copyFileSync(await workload('exec-variants'), variants)
    writeFileSync(own('marks'), '')
  })
  afterEach(async () => {
    for (const container of containers.splice(0)) await container.stop()
  })
  after(() => run?.stop())

  async function start(): Promise<Container> {
    const container = await Container.start(run.folder)
    containers.push(container)
    return container
  }
  const own = (name: string): string => join(run.folder, name)

  /** Number of times that the marker ran during `act`. */
  async function marks(act: () => Promise<void> | void): Promise<number> {
    writeFileSync(own('marks'), '')
    await act()
    return statSync(own('marks')).size
  }
  const enter = (container: Container, ...command: readonly string[]) => {
    const entering = ['-t', String(container.pid()), '--pid', '--mount', '--', ...command]
    const script = `exec 3>>${own('marks')}; exec nsenter "$@"`
    spawnSync('/bin/sh', ['-c', script, 'sh', ...entering], { stdio: 'ignore' })
  }

  for (const [file, means] of [
    ['container-exec.yaml', 'lsm'],
    ['container-exec-by-signal.yaml', undefined],
  ] as const) {
    it(`${file} stops these, and no other program`, async (t) => {
      const older = await start()
      const shell = realpathSync('/bin/sh')
      const attacks = (container: Container): readonly (() => void)[] => [
        () => enter(container, own('marker')),
        () => enter(container, shell, '-c', own('marker')),
        () => enter(container, variants, 'vfork', own('marker')),
        () => enter(container, variants, 'memfd', own('marker')),
        () => enter(container, 'unshare', '--pid', '--fork', own('marker')),
      ]
      for (const attack of attacks(older)) assert.equal(await marks(attack), 1, String(attack))
      const loaded = await run.load(text(file)).catch((error: unknown) => {
        if (!(error instanceof PolicyError) || means === undefined) throw error
        if (probe(means).answer === 'yes') throw error
        return error
      })
      if (loaded instanceof PolicyError) return t.skip(loaded.message)
      try {
        const newer = await start()
        for (const container of [older, newer]) {
          for (const attack of attacks(container)) {
            assert.equal(await marks(attack), 0, String(attack))
          }
          for (const line of [
            own('marker'),
            `(${own('marker')} & wait)`,
            `${shell} -c ${own('marker')}`,
            `${variants} vfork ${own('marker')}`,
            `${variants} thread ${own('marker')}`,
            // Namespaces in the container.
            `unshare --pid --fork ${own('marker')}`,
            // Its parent has ended.
            `(setsid ${shell} -c 'sleep 0.05; ${own('marker')}' | read end)`,
          ]) {
            const ran = await marks(() => container.run(`${line} 3>>${own('marks')}`))
            assert.equal(ran, 1, `${line} in the container`)
          }
        }
        const onHost = () =>
          void spawnSync('/bin/sh', ['-c', `${own('marker')} 3>>${own('marks')}`])
        assert.equal(await marks(onHost), 1, 'on the host')
      } finally {
        await run.unload(loaded)
      }
    })
  }
})
