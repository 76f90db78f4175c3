import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The process of a work folder, from its name; undefined for other names. */
export function makerOf(name: string): number | undefined {
  const pid = /-p(\d+)-[^-]{6}$/.exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/**
 * Creates a folder for this process below `parent`; the caller removes it. Leftover folders of
 * killed processes are removed first.
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

/** Whether a process exists, of any user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
