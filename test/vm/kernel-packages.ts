import { type ControlParagraph, type DebianArchive, runProgram } from '@tetragon-ts/test/archives'
import { hostArchitecture, versionBelongsTo } from './kernels.ts'

/** The packages with one kernel's image and modules. */
export interface KernelPackages {
  /** Output of `uname -r`, e.g. `6.12.118+deb13-cloud-amd64`. */
  readonly release: string
  /** Debian's version of it, e.g. `6.12.118-1`. */
  readonly version: string
  /** `name=version`, for apt-get. */
  readonly packages: readonly string[]
}

/** The release in a dependency such as `linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)`. */
export function releaseOf(metaPackage: ControlParagraph): string | undefined {
  return /(?:^|[\s,|])linux-image-(\d\S*)/.exec(metaPackage.get('Depends') ?? '')?.[1]
}

/**
 * Finds the newest kernel whose version starts with `name`, through the package
 * `linux-image-cloud-<architecture>`, which depends on the current one of each suite.
 */
export async function findKernelPackages(
  archive: DebianArchive,
  name: string,
): Promise<KernelPackages | undefined> {
  const metaPackages = await archive.show(`linux-image-cloud-${hostArchitecture().debian}`)
  let newest: { version: string; release: string } | undefined
  for (const paragraph of metaPackages) {
    const version = paragraph.get('Version') ?? ''
    const release = releaseOf(paragraph)
    if (release === undefined || !versionBelongsTo(version, name)) continue
    if (newest === undefined || (await isNewer(version, newest.version))) {
      newest = { version, release }
    }
  }
  if (newest === undefined) return undefined
  const image = `linux-image-${newest.release}`
  const found = (await archive.show(image)).find((p) => p.get('Version') === newest.version)
  const depends = found?.get('Depends') ?? ''
  // From 7.x the image package is empty and depends on one for each part.
  const parts = ['linux-base', 'linux-binary', 'linux-modules']
    .map((part) => `${part}-${newest.release}`)
    .filter((part) => depends.includes(part))
  return {
    ...newest,
    packages: [image, ...parts].map((packageName) => `${packageName}=${newest.version}`),
  }
}

async function isNewer(version: string, than: string): Promise<boolean> {
  const compare = await runProgram('dpkg', ['--compare-versions', version, 'gt', than])
  return compare.exitCode === 0
}
