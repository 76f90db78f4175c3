import { readFileSync } from 'node:fs'

/**
 * Where a file system of that type is mounted first, from the text of /proc/self/mounts. A name
 * with blanks is escaped in octal there.
 */
export function mountOf(type: string, mounts: string): string | undefined {
  for (const line of mounts.split('\n')) {
    const [, folder, found] = line.split(' ')
    if (found !== type) continue
    return folder.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8)))
  }
  return undefined
}

/** Where this process sees a file system such as `tracefs`, `cgroup2` or `bpf`. */
export function findMount(type: string): string | undefined {
  return mountOf(type, readFileSync('/proc/self/mounts', 'latin1'))
}
