import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { repositoryRoot } from '../vm/repository.ts'
import { leaveBrowser, takeBrowser } from './shared-browser.ts'
import { limitWaits } from './waits.ts'

/** The program `tetra`. */
export const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

/** Milliseconds of CPU time: user and system, in the kernel's ticks of 10 ms. */
function mainThreadTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** A `tetra console` with its page in a browser. */
export class OpenConsole implements AsyncDisposable {
  readonly page: Page
  /** Messages of the page's scripts: errors, and what the policy of the server has refused. */
  readonly problems: string[] = []
  readonly #browser: Browser
  readonly #child: ChildProcess
  readonly #leave: () => unknown

  private constructor(browser: Browser, page: Page, child: ChildProcess, leave: () => unknown) {
    this.page = page
    this.#browser = browser
    this.#child = child
    this.#leave = leave
    page.on('pageerror', ({ message }) => this.problems.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text())
    })
  }

  /** Opens it in the browser of this process. @param args of `tetra console` */
  static async open(...args: string[]): Promise<OpenConsole> {
    return OpenConsole.#open(await takeBrowser(), leaveBrowser, args)
  }

  /** @param browser ends with the console */
  static openIn(browser: Browser, ...args: string[]): Promise<OpenConsole> {
    return OpenConsole.#open(browser, () => browser.close(), args)
  }

  static async #open(
    browser: Browser,
    leave: () => unknown,
    args: readonly string[],
  ): Promise<OpenConsole> {
    const child = spawn(process.execPath, [tetra, 'console', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout!, 'data')) as [Buffer]
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      // Certificates of tests are signed by themselves.
      ignoreHTTPSErrors: true,
    })
    limitWaits(context)
    const page = await context.newPage()
    const opened = new OpenConsole(browser, page, child, leave)
    await page.goto(line.toString().trim())
    // It opens with the overview, but not for a browser without a user.
    if (!args.includes('--token-review')) await page.getByRole('link', { name: 'Events' }).click()
    return opened
  }

  /** Resident memory of `tetra console`, in bytes. */
  serverMemory(): number {
    return residentBytes(this.#child.pid!)
  }

  /** Resident memory of the process of the page, in bytes; that of its worker is included. */
  async pageMemory(): Promise<number> {
    return Math.max(...(await this.#pageProcesses()).map(residentBytes))
  }

  /** Milliseconds of CPU time of the page's thread so far; its worker has another one. */
  async pageThreadTime(): Promise<number> {
    return Math.max(...(await this.#pageProcesses()).map(mainThreadTime))
  }

  /** Process ids; that of the page is the largest process of them. */
  async #pageProcesses(): Promise<number[]> {
    const session = await this.#browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    await session.detach()
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  }

  /** The rows in sight. */
  async rows(): Promise<string[]> {
    return this.page.locator('.row').allTextContents()
  }

  /** Waits until a row in sight has a text, and returns it. */
  async row(text: string): Promise<string> {
    const row = this.page.locator('.row', { hasText: text }).first()
    return (await row.textContent()) ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close()
    await this.#leave()
    this.#child.kill('SIGINT')
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}
