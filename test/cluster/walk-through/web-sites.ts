import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../../vm/repository.ts'
import type { Cluster } from '../cluster.ts'
import { sampleApp } from './sample-app.ts'
import { addresses, siteNames } from './site-addresses.ts'

/** Address of the node in the network of the web server. */
const router = '203.0.113.1'

const policyFolder =
  'raw.githubusercontent.com/cilium/tetragon/refs/heads/main/examples/tracingpolicy'
const appFolder = 'raw.githubusercontent.com/cilium/cilium/v1.15.3/examples/minikube'
/** Path on the node of the certificate that clients trust. */
export const trustedCertificate = '/etc/ssl/web-sites.crt'

/** The web sites of the walk-through, on a server in a network of its own beside the node. */
export class WebSites {
  readonly #server: ReturnType<typeof spawn>

  private constructor(server: ReturnType<typeof spawn>) {
    this.#server = server
  }

  /**
   * Publishes our chart, the policies and the sample app under the addresses of the walk-through.
   * @param policies folder with the files of the policies
   * @param image of the sample app
   */
  static async publish(cluster: Cluster, policies: string, image: string): Promise<WebSites> {
    const folder = join(cluster.folder, 'web-sites')
    const chart = join(folder, 'helm.cilium.io')
    for (const name of [chart, join(folder, policyFolder), join(folder, appFolder)]) {
      await mkdir(name, { recursive: true })
    }
    await cluster.helm('package', join(repositoryRoot, 'deploy/helm/tetragon'), '-d', chart)
    await cluster.helm('repo', 'index', chart)
    for (const name of ['sys_write_follow_fd_prefix.yaml', 'tcp-connect.yaml']) {
      await copyFile(join(policies, name), join(folder, policyFolder, name))
    }
    const objects = sampleApp(image).map((each) => JSON.stringify(each))
    await writeFile(join(folder, appFolder, 'http-sw-app.yaml'), objects.join('\n---\n'))
    await makeCertificate(folder)
    await copyFile(join(folder, 'tls.crt'), join(cluster.folder, 'node', trustedCertificate))
    const program = fileURLToPath(new URL('./web-server.js', import.meta.url))
    // It ends with the test, even if that is killed.
    const command = ['--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, program, folder]
    const server = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(server, 'exit').then(() => {
      throw new Error('start the web server: it has ended')
    })
    await Promise.race([once(server.stdout, 'data'), ended])
    ended.catch(() => {})
    const sites = new WebSites(server)
    await connect(cluster, server.pid!).catch(async (error: unknown) => {
      await sites.end()
      throw error
    })
    return sites
  }

  async end(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return
    const exited = once(this.#server, 'exit')
    this.#server.kill()
    await exited
  }
}

/** Connects the network of a process to that of the node. */
async function connect(cluster: Cluster, pid: number): Promise<void> {
  const server = ['nsenter', '--target', `${pid}`, '--net', '--'] as const
  const links = ['link', 'add', 'web0', 'type', 'veth', 'peer', 'name', 'web1', 'netns', `${pid}`]
  const commands: readonly (readonly [string, ...string[]])[] = [
    cluster.commandInNetwork(['ip', ...links]),
    cluster.commandInNetwork(['ip', 'address', 'add', `${router}/24`, 'dev', 'web0']),
    cluster.commandInNetwork(['ip', 'link', 'set', 'web0', 'up']),
    ...addresses.map(
      (address) => [...server, 'ip', 'address', 'add', `${address}/24`, 'dev', 'web1'] as const,
    ),
    [...server, 'ip', 'link', 'set', 'web1', 'up'],
    [...server, 'ip', 'route', 'add', 'default', 'via', router],
  ]
  for (const [program, ...args] of commands) await runOrThrow(program, args)
}

async function makeCertificate(folder: string): Promise<void> {
  const names = siteNames.map((name) => `DNS:${name}`).join(',')
  await runOrThrow('openssl', [
    ...['req', '-x509', '-days', '1', '-subj', '/CN=web sites', '-nodes'],
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    ...['-addext', `subjectAltName=${names}`],
    ...['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')],
  ])
}
