import { createHash } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { architecture } from './architecture.ts'
import { runOrThrow } from './run-program.ts'

/** The process of a container (OCI image configuration). */
export interface ImageProcess {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/**
 * Writes an image with one layer as an archive that `docker load`, `podman load` and
 * `ctr images import` read: an OCI image layout and the index of docker-archive. The same
 * files have the same archive: times are 1970, owners root.
 * @param reference name and tag, with the registry
 * @param root folder with the files of the image
 * @param file the archive; work files are in the same folder
 * @returns the digest of the manifest
 */
export async function writeOciArchive(
  reference: string,
  root: string,
  process: ImageProcess,
  file: string,
): Promise<string> {
  const work = `${file}.work`
  await rm(work, { recursive: true, force: true })
  const blobs = join(work, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const layer = await addLayer(root, blobs)
  const config = await addJson(blobs, 'application/vnd.oci.image.config.v1+json', {
    architecture: architecture(),
    os: 'linux',
    config: process,
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifest = await addJson(blobs, manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config,
    layers: [layer],
  })
  const annotations = {
    'io.containerd.image.name': reference,
    'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
  }
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] }
  await writeFile(join(work, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(join(work, 'index.json'), JSON.stringify(index))
  const legacy = { Config: pathOf(config), RepoTags: [reference], Layers: [pathOf(layer)] }
  await writeFile(join(work, 'manifest.json'), JSON.stringify([legacy]))
  await packFolder(work, `${file}.part`)
  await rename(`${file}.part`, file)
  await rm(work, { recursive: true })
  return manifest.digest
}

function pathOf({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`
}

async function addLayer(root: string, blobs: string): Promise<Descriptor> {
  const path = join(blobs, 'layer')
  await packFolder(root, path)
  const digest = (await runOrThrow('sha256sum', [path])).split(' ')[0]!
  const { size } = await stat(path)
  await rename(path, join(blobs, digest))
  const mediaType = 'application/vnd.oci.image.layer.v1.tar'
  return { mediaType, digest: `sha256:${digest}`, size }
}

async function addJson(blobs: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const text = JSON.stringify(value)
  const digest = createHash('sha256').update(text).digest('hex')
  await writeFile(join(blobs, digest), text)
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) }
}

async function packFolder(folder: string, file: string): Promise<void> {
  const equal = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
  await runOrThrow('tar', [...equal, '--format=gnu', '-C', folder, '-cf', file, '.'])
}

/** The digest of the manifest in an archive. */
export async function digestOf(archive: string): Promise<string> {
  const index = await runOrThrow('tar', ['-xOf', archive, './index.json'])
  return (JSON.parse(index) as { manifests: [{ digest: string }] }).manifests[0].digest
}
