import { readdir, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { sharedCachePath } from '../../vm/repository.ts'
import { isAlive, makerOf } from '../../vm/work-folder.ts'

/**
 * Folder with what Go has compiled. It survives a build that fails, and is not needed after one
 * that succeeds.
 */
export function goCache(): string {
  return sharedCachePath('cluster', 'go-cache')
}

/** Removes the cache, unless another build uses it. @param work folder of the own build */
export async function removeGoCache(work: string): Promise<void> {
  const others = (await readdir(sharedCachePath('cluster'))).filter((name) => {
    const maker = makerOf(name)
    return name !== basename(work) && maker !== undefined && isAlive(maker)
  })
  if (others.length === 0) await rm(goCache(), { recursive: true, force: true })
}
