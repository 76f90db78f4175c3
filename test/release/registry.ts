import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Debian's registry for images, on a port of localhost, without TLS. */
export class Registry {
  readonly address: string
  readonly #child: ChildProcess

  private constructor(address: string, child: ChildProcess) {
    this.address = address
    this.#child = child
  }

  /** @param folder for its files */
  static async start(folder: string): Promise<Registry> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    server.close()
    await once(server, 'close')
    const file = join(folder, 'registry.yaml')
    const storage = { filesystem: { rootdirectory: join(folder, 'registry') } }
    const configuration = {
      version: 0.1,
      storage,
      http: { addr: address },
      log: { level: 'error' },
    }
    writeFileSync(file, JSON.stringify(configuration))
    const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' })
    const registry = new Registry(address, child)
    for (;;) {
      const answer = await fetch(`http://${address}/v2/`).catch(() => undefined)
      if (answer?.ok) return registry
      if (child.exitCode !== null) throw new Error(`start docker-registry: exit ${child.exitCode}`)
      await sleep(50)
    }
  }

  /** @returns the manifest of a tag, and its digest */
  async manifest(name: string, tag: string): Promise<{ digest: string; layers: string[] }> {
    const accept = 'application/vnd.oci.image.manifest.v1+json'
    const url = `http://${this.address}/v2/${name}/manifests/${tag}`
    const answer = await fetch(url, { headers: { accept } })
    if (!answer.ok) throw new Error(`read ${name}:${tag}: ${answer.status}`)
    const { layers } = (await answer.json()) as { layers: { digest: string }[] }
    const digest = answer.headers.get('docker-content-digest') ?? ''
    return { digest, layers: layers.map((layer) => layer.digest) }
  }

  async stop(): Promise<void> {
    this.#child.kill()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}
