import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTestFolder, RunningAgent } from '@tetragon-ts/agent/testing'
import { barriersOf } from './barriers.ts'
import { OpenConsole, tetra } from './open-console.ts'
import { waitUntil } from './waits.ts'

/** What other tests have done is not shown. */
const noPast = ['--since', '0s']

/** An agent, and a console that shows it in a browser. */
export class AgentInConsole implements AsyncDisposable {
  readonly folder: string
  /** Of the agent's socket. */
  readonly address: string
  #agent: RunningAgent | undefined
  #opened: OpenConsole | undefined

  private constructor() {
    this.folder = makeTestFolder()
    this.address = `unix://${join(this.folder, 'socket')}`
  }

  /** @param args more of `tetra console` */
  static async start(...args: string[]): Promise<AgentInConsole> {
    const own = new AgentInConsole()
    try {
      await own.startAgent()
      own.#opened = await OpenConsole.open('--server-address', own.address, ...noPast, ...args)
      await own.connected()
      return own
    } catch (error) {
      await own[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts an agent only: the caller opens the console. */
  static async withoutConsole(): Promise<AgentInConsole> {
    const own = new AgentInConsole()
    await own.startAgent()
    return own
  }

  get console(): OpenConsole {
    return this.#opened!
  }

  get page(): OpenConsole['page'] {
    return this.console.page
  }

  /** The line with the state of the stream and its numbers. */
  get status(): ReturnType<OpenConsole['page']['getByRole']> {
    return this.page.getByRole('status')
  }

  /** Number of events that the page has, shown or not. */
  async keptEvents(): Promise<number> {
    const status = (await this.status.textContent()) ?? ''
    return Number(/ of (\d+) shown/.exec(status)?.[1])
  }

  /** Waits until events arrive: what happens before is not shown. */
  async connected(): Promise<void> {
    await waitUntil(async () => {
      if (/events\/s/.test((await this.status.textContent()) ?? '')) return true
      this.run('before-the-tests')
      return false
    })
  }

  async startAgent(): Promise<void> {
    this.#agent = await RunningAgent.start('--server-address', this.address)
    await this.#agent.serving()
  }

  async stopAgent(): Promise<void> {
    await this.#agent?.stop()
  }

  async removeAgent(): Promise<void> {
    await this.#agent?.remove()
    this.#agent = undefined
  }

  /** Runs a program with a name of its own, as the child of a shell. */
  run(name: string): void {
    copyFileSync('/bin/true', join(this.folder, name))
    const { status } = spawnSync('/bin/sh', ['-c', '"$0" --one; exit 0', join(this.folder, name)])
    assert.equal(status, 0)
  }

  /** Adds a policy by `tetra tracingpolicy add`. */
  addPolicy(text: string, ...options: string[]): void {
    const file = join(this.folder, 'policy.yaml')
    writeFileSync(file, text)
    const args = ['tracingpolicy', 'add', file, ...options, '--server-address', this.address]
    const { status, stderr } = spawnSync(process.execPath, [tetra, ...args])
    assert.equal(status, 0, stderr.toString())
  }

  async openView(name: string): Promise<void> {
    await this.page.getByRole('link', { name, exact: true }).click()
    await this.page.locator('nav [aria-current]').getByText(name, { exact: true }).waitFor()
  }

  /** Lets the list follow new events again: a selection has stopped it. */
  async follow(): Promise<void> {
    const button = this.page.getByRole('button', { name: 'Follow (p)' })
    if ((await button.count()) > 0) await button.click()
  }

  get filterField(): ReturnType<OpenConsole['page']['getByRole']> {
    return this.page.getByRole('combobox', { name: 'Filter' })
  }

  /** Types a filter, and leaves it, so that keys are commands again. */
  async filter(text: string): Promise<void> {
    await this.filterField.fill(text)
    await this.filterField.press('Escape')
  }

  /** See {@link barriersOf}. */
  barriers(): Promise<string[]> {
    return barriersOf(this.page)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened?.[Symbol.asyncDispose]()
    await this.#agent?.remove()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
