import { readFileSync } from 'node:fs'

/**
 * The mount that a path is in, from the text of the path: links are not followed, and no file
 * system is asked. If the mounts cannot be read, such as without free descriptors, the path stands
 * for itself.
 * @param root leads to the root of the host
 */
export function mountPoint(root: string, path: string): string {
  const process = root.endsWith('/root') ? root.slice(0, -'/root'.length) : '/proc/self'
  let mountinfo: string
  try {
    mountinfo = readFileSync(`${process}/mountinfo`, 'latin1')
  } catch {
    return path
  }
  return mountPointIn(mountinfo, path)
}

/** @param mountinfo see proc_pid_mountinfo(5) */
export function mountPointIn(mountinfo: string, path: string): string {
  let longest = '/'
  for (const line of mountinfo.split('\n')) {
    const [, , , , escaped = '/'] = line.split(' ')
    const folder = escaped.replaceAll(/\\([0-7]{3})/g, (_, code) => {
      return String.fromCharCode(Number.parseInt(code, 8))
    })
    const isInside = path === folder || path.startsWith(`${folder}/`)
    if (isInside && folder.length > longest.length) longest = folder
  }
  return longest
}
