import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { gunzipSync } from 'node:zlib'

/** Locations of the kernel's build configuration. */
function configPaths(): readonly string[] {
  return ['/proc/config.gz', `/boot/config-${release()}`, `/lib/modules/${release()}/config`]
}

/** The build options of a kernel: `CONFIG_X=y` lines. */
export function parseKernelConfig(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)
  return new Map([...lines].map(([, name, value]) => [name, value]))
}

/** A kernel's configuration and its file. */
export interface KernelConfig {
  readonly path: string
  readonly text: string
}

/**
 * Reads the build configuration of this machine's kernel.
 * @throws Error with all locations that were tried
 */
export async function readKernelConfig(paths = configPaths()): Promise<KernelConfig> {
  const failures: string[] = []
  for (const path of paths) {
    try {
      const bytes = await readFile(path)
      const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes
      return { path, text: text.toString('latin1') }
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  throw new Error(`read the kernel's config: ${failures.join('; ')}`)
}
