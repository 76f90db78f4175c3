import { createHash } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from './run-program.ts'

/** Where a manifest finds a blob. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** What registries store under a name: an image, a chart. */
export interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** An OCI image layout with one manifest, as it is made. The same content has the same bytes. */
export class OciLayout {
  readonly #folder: string
  readonly #file: string

  private constructor(file: string) {
    this.#file = file
    this.#folder = `${file}.work`
  }

  /** @param file the archive to be written; work files are in the same folder */
  static async begin(file: string): Promise<OciLayout> {
    const layout = new OciLayout(file)
    await rm(layout.#folder, { recursive: true, force: true })
    await mkdir(layout.#blobs, { recursive: true })
    return layout
  }

  get #blobs(): string {
    return join(this.#folder, 'blobs/sha256')
  }

  async addBytes(mediaType: string, bytes: string | Buffer): Promise<Descriptor> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    await writeFile(join(this.#blobs, digest), bytes)
    return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(bytes) }
  }

  addJson(mediaType: string, value: unknown): Promise<Descriptor> {
    return this.addBytes(mediaType, JSON.stringify(value))
  }

  /**
   * Adds a folder as the layer of an image: times are 1970, owners root.
   * @param compressed by gzip, as registries store layers
   * @returns the descriptor, and the digest of the layer without compression
   */
  async addLayer(folder: string, compressed: boolean): Promise<[Descriptor, string]> {
    const path = join(this.#blobs, 'layer')
    await packFolder(folder, path)
    const unpacked = await digestOfFile(path)
    const type = 'application/vnd.oci.image.layer.v1.tar'
    if (!compressed) return [await this.#keep(type, path, unpacked), unpacked]
    await runOrThrow('gzip', ['--no-name', '-6', path])
    const packed = `${path}.gz`
    return [await this.#keep(`${type}+gzip`, packed, await digestOfFile(packed)), unpacked]
  }

  async #keep(mediaType: string, path: string, digest: string): Promise<Descriptor> {
    const { size } = await stat(path)
    await rename(path, join(this.#folder, pathOf({ digest })))
    return { mediaType, digest, size }
  }

  /** Adds a file beside the blobs, for tools that do not read the layout. */
  async addFile(name: string, value: unknown): Promise<void> {
    await writeFile(join(this.#folder, name), JSON.stringify(value))
  }

  /**
   * Writes the archive; the layout cannot be used after it.
   * @param reference name and tag, with the registry
   * @returns the digest of the manifest
   */
  async finish(reference: string, manifest: Manifest): Promise<string> {
    const added = await this.addJson(manifestType, {
      schemaVersion: 2,
      mediaType: manifestType,
      ...manifest,
    })
    const annotations = {
      'io.containerd.image.name': reference,
      'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
    }
    await this.addFile('oci-layout', { imageLayoutVersion: '1.0.0' })
    await this.addFile('index.json', { schemaVersion: 2, manifests: [{ ...added, annotations }] })
    const part = `${this.#file}.part`
    await packFolder(this.#folder, part)
    await rename(part, this.#file)
    await rm(this.#folder, { recursive: true })
    return added.digest
  }
}

/** The path of a blob in the layout. */
export function pathOf({ digest }: Pick<Descriptor, 'digest'>): string {
  return `blobs/${digest.replace(':', '/')}`
}

async function digestOfFile(path: string): Promise<string> {
  return `sha256:${(await runOrThrow('sha256sum', [path])).split(' ')[0]}`
}

async function packFolder(folder: string, file: string): Promise<void> {
  const equal = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
  await runOrThrow('tar', [...equal, '--format=gnu', '-C', folder, '-cf', file, '.'])
}
