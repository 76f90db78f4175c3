import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { until } from '@tetragon-ts/agent/testing'
import { type BareRoot, enter, type Mounts, tryBeside } from './bare-root.ts'

export const agentSocket = 'unix:///run/tetragon.sock'
export const agentOptions = [
  '--pid-file=/run/pid',
  `--server-address=${agentSocket}`,
  `--bpf-dir=root-agent-${process.pid}`,
]
const exportOption = '--export-filename=/run/events.json'
const children = new Set<ChildProcess>()

/** Kills the agents that still run, and the commands beside them. */
export function killAgents(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** An agent in a bare root. */
export class RootAgent {
  readonly child: ChildProcess
  stderr = ''

  constructor(root: BareRoot, mounts: Mounts) {
    this.child = root.start(mounts, 'tetragon', ...agentOptions, exportOption)
    children.add(this.child)
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  async serving(): Promise<void> {
    await until('the server', () => {
      assert.equal(this.child.exitCode, null, this.stderr)
      return / serving on /.test(this.stderr)
    })
  }

  /** Runs a command in its root. */
  try(...command: readonly string[]) {
    return tryBeside(this.child.pid!, ...command)
  }

  /** Runs tetra in its root. @returns its output */
  async tetra(...words: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.try('tetra', ...words)
    assert.equal(exitCode, 0, stderr)
    return stdout
  }

  /** The first line of a command that matches, while `act` is repeated. */
  async line(command: readonly string[], wanted: RegExp, act = async () => {}): Promise<string> {
    const [program, ...args] = enter(this.child.pid!, command)
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.add(child)
    let found = ''
    createInterface(child.stdout!).on('line', (line) => {
      if (wanted.test(line)) found ||= line
    })
    await until(`a line ${wanted}`, async () => {
      await act()
      return found
    })
    return found
  }

  /** Starts a program in its root until `tetra getevents` prints that. */
  async seesPrograms(): Promise<void> {
    const marker = `started-${process.pid}`
    const getevents = ['tetra', 'getevents', '--server-address', agentSocket, '-o', 'compact']
    const wanted = new RegExp(`process .*busybox.* ${marker}`)
    const line = await this.line(getevents, wanted, async () => {
      assert.equal((await this.try('busybox', 'true', marker)).exitCode, 0)
    })
    assert.match(line, /busybox true started-/)
  }

  async end(): Promise<void> {
    const exited = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null], this.stderr)
  }
}
