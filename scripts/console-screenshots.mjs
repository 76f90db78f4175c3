// Makes the pictures of the console in README.md and docs/console.md: starts an agent and a console
// in Chromium, lets something happen, and writes docs/images/console-*.png in light and dark
// colours. Needs root, Chromium and curl, and a machine on which little else happens.
//
//   npm run build && node scripts/console-screenshots.mjs [VIEW...]

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AgentInConsole } from '../test/dist/console/agent-in-console.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs/images')
/** Maximum bytes of a picture. */
const sizeMax = 150_000
/** Where the programs of the pictures are: their names are in them. */
const shop = '/tmp/shop'

const policy = readFileSync(join(root, 'policies/network/tcp-connections.yaml'), 'utf8')

/** What each view shows: brings the page there. */
const views = {
  async events({ page }) {
    await page.getByRole('link', { name: 'Events', exact: true }).click()
    await page.getByRole('combobox', { name: 'Filter' }).fill('binary:*/curl')
    await page.locator('.row', { hasText: '🔌 connect' }).first().click()
    await page.locator('.lineage li').first().waitFor()
  },
  async processes({ page }) {
    await page.getByRole('link', { name: 'Processes', exact: true }).click()
    await page.getByRole('combobox', { name: 'Filter' }).fill('shop')
    await page.locator('.row', { hasText: 'orders' }).first().click()
    await page.locator('.lineage li').first().waitFor()
  },
  async policies({ page }) {
    await page.getByRole('link', { name: 'Policies', exact: true }).click()
    await page.getByRole('button', { name: 'connect', exact: true }).click()
    await page.getByRole('region', { name: 'Policy' }).waitFor()
  },
}

/** A script of a shop asks a server for orders, packs them, and looks where it should not. */
async function happen() {
  mkdirSync(shop, { recursive: true })
  const server = createServer((_, response) => response.end('[{"order": 1}]'))
  await new Promise((resolve) => server.listen(0, resolve))
  // The policy excludes loopback addresses.
  const addresses = Object.values(networkInterfaces()).flat()
  const { address } = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  const script = [
    `curl -s -o ${shop}/orders.json http://${address}:${server.address().port}/orders`,
    `gzip -kf ${shop}/orders.json`,
    `sh -c 'id -un; cat /etc/shadow' >/dev/null`,
    `ls -l ${shop}`,
  ].join('\n')
  writeFileSync(join(shop, 'nightly.sh'), script)
  // The server is in this process: it must not be blocked.
  const child = spawn('/bin/sh', [join(shop, 'nightly.sh')], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
  server.close()
}

/** Writes a picture in both colours. */
async function take(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    const path = join(images, `console-${name}-${colorScheme}.png`)
    // Without the mouse, and with everything that was asked for.
    await page.mouse.move(0, 0)
    await page.waitForTimeout(500)
    await page.screenshot({ path })
    compress(path)
    const { size } = statSync(path)
    console.log(`${path}: ${Math.ceil(size / 1000)} kB`)
    if (size > sizeMax) throw new Error(`write ${path}: it has more than ${sizeMax} bytes`)
  }
}

/** Reduces the colours to 256, if the program is there. */
function compress(path) {
  spawnSync('pngquant', ['--force', '--skip-if-larger', '--output', path, '--', path])
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in views))
if (unknown !== undefined) {
  throw new Error(`unknown view ${unknown}: there are ${Object.keys(views).join(', ')}`)
}
mkdirSync(images, { recursive: true })
const own = await AgentInConsole.start('--allow-changes')
try {
  own.addPolicy(policy)
  await happen()
  await own.filter('nightly.sh')
  await own.page.locator('.row', { hasText: 'nightly.sh' }).first().waitFor()
  for (const [name, show] of Object.entries(views)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    await show(own)
    await take(own.page, name)
  }
} finally {
  await own[Symbol.asyncDispose]()
  rmSync(shop, { recursive: true, force: true })
}
