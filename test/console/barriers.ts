import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { repositoryRoot } from '../vm/repository.ts'

/** Tests of accessibility, to run in the page. */
const axe = createRequire(join(repositoryRoot, 'test', 'package.json')).resolve(
  'axe-core/axe.min.js',
)

interface Axe {
  run(options: {
    runOnly?: string[]
  }): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}

/** Rules of axe for each colour scheme; undefined: all. */
const axeRules = [
  ['light', undefined],
  ['dark', ['color-contrast']],
] satisfies [colorScheme: 'light' | 'dark', rules: string[] | undefined][]

/**
 * What axe finds wrong with a page as it is, in light colours, and with its contrasts in dark ones:
 * nothing else depends on colours.
 */
export async function barriersOf(page: Page): Promise<string[]> {
  const found: string[] = []
  await page.evaluate(readFileSync(axe, 'utf8'))
  for (const [colorScheme, rules] of axeRules) {
    await page.emulateMedia({ colorScheme })
    const violations = await page.evaluate(async (runOnly) => {
      const page = globalThis as unknown as { axe: Axe }
      const { violations } = await page.axe.run(runOnly === undefined ? {} : { runOnly })
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
    }, rules)
    found.push(...violations.map((text) => `${colorScheme}: ${text}`))
  }
  return found
}
