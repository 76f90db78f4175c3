import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { gunzipSync } from 'node:zlib'

/** Where kernels leave how they were built. */
function configPaths(): readonly string[] {
  return ['/proc/config.gz', `/boot/config-${release()}`, `/lib/modules/${release()}/config`]
}

/** The settings of a kernel's build: `CONFIG_X=y` lines. */
export function parseKernelConfig(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)
  return new Map([...lines].map(([, name, value]) => [name, value]))
}

/** A kernel's config and the file that it is from. */
export interface KernelConfig {
  readonly path: string
  readonly text: string
}

/** Reads how the kernel of this machine was built. @throws Error that names all places looked at */
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
