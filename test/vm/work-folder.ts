import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The process that made a work folder, from its name; undefined for other names. */
export function makerOf(name: string): number | undefined {
  const pid = /-p(\d+)-[^-]{6}$/.exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/**
 * Makes a folder for the work of this process below `parent`; the caller removes it. Those of
 * processes that were killed before they could do so are removed first.
 */
export async function makeWorkFolder(parent: string, prefix: string): Promise<string> {
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) {
    const maker = makerOf(name)
    if (maker !== undefined && !isAlive(maker)) {
      await rm(join(parent, name), { recursive: true, force: true })
    }
  }
  return mkdtemp(join(parent, `${prefix}-p${process.pid}-`))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
