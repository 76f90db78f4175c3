import type { Browser } from 'playwright-core'
import { launchBrowser } from './launch-browser.ts'

/** Milliseconds that it stays without a console: the next test file opens one sooner. */
const idleMs = 500

/** The browser of this process while consoles use it, and shortly after. */
const shared: { browser?: Promise<Browser>; consoles: number; idle?: NodeJS.Timeout } = {
  consoles: 0,
}

/** Takes the browser that all consoles of this process share. Give it back: see below. */
export function takeBrowser(): Promise<Browser> {
  clearTimeout(shared.idle)
  shared.consoles++
  shared.browser ??= launchBrowser()
  return shared.browser
}

/** Ends the use of the browser by one console. */
export function leaveBrowser(): void {
  shared.consoles--
  if (shared.consoles > 0) return
  shared.idle = setTimeout(async () => {
    const { browser } = shared
    delete shared.browser
    await (await browser)?.close()
  }, idleMs)
}
