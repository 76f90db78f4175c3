import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { repositoryRoot } from '../vm/repository.ts'

/** The program `tetra`. */
export const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
/** Debian's package `chromium`. */
const browserPath = '/usr/bin/chromium'

/** A `tetra console` with its page in a browser. */
export class OpenConsole implements AsyncDisposable {
  readonly page: Page
  /** Messages of the page's scripts: errors, and what the policy of the server has refused. */
  readonly problems: string[] = []
  readonly #browser: Browser
  readonly #child: ChildProcess

  private constructor(browser: Browser, page: Page, child: ChildProcess) {
    this.page = page
    this.#browser = browser
    this.#child = child
    page.on('pageerror', ({ message }) => this.problems.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text())
    })
  }

  /** @param args of `tetra console` */
  static async open(...args: string[]): Promise<OpenConsole> {
    const child = spawn(process.execPath, [tetra, 'console', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout!, 'data')) as [Buffer]
    const browser = await chromium.launch({
      executablePath: browserPath,
      // The tests are those of root.
      args: ['--no-sandbox'],
    })
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      // Certificates of tests are signed by themselves.
      ignoreHTTPSErrors: true,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    const opened = new OpenConsole(browser, page, child)
    await page.goto(line.toString().trim())
    return opened
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
    await this.#browser.close()
    this.#child.kill('SIGINT')
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}
