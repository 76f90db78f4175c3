import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a path leads to: a path without links, or why that cannot be found out. */
export type Followed = { readonly target: string } | { readonly problem: string }

/** MAXSYMLINKS of include/linux/namei.h. */
const linksMax = 40

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'is not accessible',
}

/**
 * Follows the symbolic links of a path in the root of the host, where absolute links begin at that
 * root. Only links of root in folders of root are followed: another user could direct a policy's
 * actions at any program.
 * @param root leads to the root of the host
 */
export function followLinks(root: string, path: string): Followed {
  const names = path.split('/')
  let place = '/'
  let links = 0
  let foreign: string | undefined
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      place = dirname(place)
      continue
    }
    const next = join(place, name)
    try {
      const stats = lstatSync(join(root, next))
      if (stats.uid !== 0) foreign ??= next
      if (!stats.isSymbolicLink()) {
        if (names.length === 0 && !stats.isFile()) return { problem: `${next} is not a file` }
        place = next
        continue
      }
      if (foreign !== undefined) return { problem: `${foreign} is not root's` }
      if (++links > linksMax) return { problem: `it has more than ${linksMax} links` }
      const text = readlinkSync(join(root, next))
      if (text.startsWith('/')) place = '/'
      names.unshift(...text.split('/'))
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      return { problem: `${next} ${reasons[code] ?? `cannot be read: ${message}`}` }
    }
  }
  return { target: place }
}
