import { readFileSync, statSync } from 'node:fs'

/** How long the name of a user is cached, in milliseconds. */
const checkInterval = 1000

/** User names of the host from its /etc/passwd, which is read again when it changes. */
export class UserNames {
  readonly #paths: readonly string[]
  #path = ''
  #version = ''
  #checkedAt = Number.NEGATIVE_INFINITY
  #names: ReadonlyMap<number, string> = new Map()

  /** @param paths candidates; the first readable file is used */
  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /**
   * Of the host of this /proc. If the files of its first process are hidden, those of the agent are
   * used.
   */
  static ofHost(procfs: string): UserNames {
    return new UserNames([`${procfs}/1/root/etc/passwd`, '/etc/passwd'])
  }

  /** The name of a user; undefined if there is none. */
  get(uid: number): string | undefined {
    const now = performance.now()
    if (now - this.#checkedAt >= checkInterval || !this.#names.has(uid)) {
      this.#checkedAt = now
      this.#refresh()
    }
    return this.#names.get(uid)
  }

  #refresh(): void {
    for (const path of this.#paths) {
      const version = versionOf(path)
      if (version === undefined) continue
      if (path === this.#path && version === this.#version) return
      const names = readNames(path)
      if (names === undefined) continue
      this.#path = path
      this.#version = version
      this.#names = names
      return
    }
  }
}

/** Changes when the file does. */
function versionOf(path: string): string | undefined {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return undefined
  }
}

/** Names by uid; if a uid has several names, the first, as in getpwuid(3). */
function readNames(path: string): Map<number, string> | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (name !== '' && /^\d+$/.test(uid ?? '') && !names.has(Number(uid))) {
      names.set(Number(uid), name)
    }
  }
  return names
}
