import { architecture } from './architecture.ts'
import { OciLayout, pathOf } from './oci-layout.ts'
import { runOrThrow } from './run-program.ts'

/** The process of a container (OCI image configuration). */
export interface ImageProcess {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
}

/**
 * Writes an image with one layer as an archive that `docker load`, `podman load` and
 * `ctr images import` read: an OCI image layout and the index of docker-archive. The same
 * files have the same archive: times are 1970, owners root.
 * @param reference name and tag, with the registry
 * @param root folder with the files of the image
 * @param file the archive; work files are in the same folder
 * @param compressed whether the layer is: smaller, as registries have it, and slower
 * @returns the digest of the manifest
 */
export async function writeOciArchive(
  reference: string,
  root: string,
  process: ImageProcess,
  file: string,
  compressed = false,
): Promise<string> {
  const layout = await OciLayout.begin(file)
  const [layer, unpacked] = await layout.addLayer(root, compressed)
  const config = await layout.addJson('application/vnd.oci.image.config.v1+json', {
    architecture: architecture(),
    os: 'linux',
    config: process,
    rootfs: { type: 'layers', diff_ids: [unpacked] },
  })
  const legacy = { Config: pathOf(config), RepoTags: [reference], Layers: [pathOf(layer)] }
  await layout.addFile('manifest.json', [legacy])
  return layout.finish(reference, { config, layers: [layer] })
}

/** The digest of the manifest in an archive. */
export async function digestOf(archive: string): Promise<string> {
  const index = await runOrThrow('tar', ['-xOf', archive, './index.json'])
  return (JSON.parse(index) as { manifests: [{ digest: string }] }).manifests[0].digest
}
