import { type Browser, chromium } from 'playwright-core'

/** Debian's package `chromium-headless-shell`: a tenth less to do than a whole browser. */
const browserPath = '/usr/bin/chromium-headless-shell'

/**
 * Starts a browser without a screen.
 * @param program starts the browser with its arguments
 */
export function launchBrowser({
  program = browserPath,
  args = [],
}: {
  readonly program?: string
  readonly args?: readonly string[]
} = {}): Promise<Browser> {
  // The tests are those of root.
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', ...args] })
}
