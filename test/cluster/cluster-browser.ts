import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../console/index.ts'
import type { Cluster } from './cluster.ts'

/**
 * Starts a browser in the network of a cluster.
 * @param hosts names and the addresses that the browser takes for them, `192.0.2.1` or
 *   `192.0.2.1:443`
 */
export async function browserInCluster(
  cluster: Cluster,
  hosts: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  const program = join(cluster.folder, 'browser.sh')
  const command = cluster.commandInNetwork(['/usr/bin/chromium-headless-shell', '"$@"'])
  await writeFile(program, `#!/bin/sh\nexec ${command.join(' ')}\n`, { mode: 0o755 })
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`)
  return launchBrowser({ program, args: [`--host-resolver-rules=${rules.join()}`] })
}
