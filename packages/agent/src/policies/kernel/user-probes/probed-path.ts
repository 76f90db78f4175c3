import type { ProbedHook } from './probed-hook.ts'

/** Files of a root that were replaced, but may still run: the latest ones keep their probes. */
const replacedMax = 16

/** The file that is at a path of a root. */
export interface FoundFile {
  /** Another one for another file, and if the content has changed. */
  readonly version: string
  /** Key of its real inode. */
  readonly inode: string
}

/** The files that are and were at a path of a root. */
interface RootFiles {
  now: FoundFile | undefined
  /** Inodes of those before, the latest last. */
  readonly replaced: Set<string>
}

/** The key of a root; undefined for that of the host. */
type RootKey = string | undefined

/** A path that hooks name, and the files that are there in all roots. */
export class ProbedPath {
  readonly path: string
  readonly hooks = new Set<ProbedHook>()
  readonly #roots = new Map<RootKey, RootFiles>()

  constructor(path: string) {
    this.path = path
  }

  /** The file that was found last in a root. */
  versionIn(root: RootKey): string | undefined {
    return this.#roots.get(root)?.now?.version
  }

  /** Enters the file of a root. @returns whether it replaces another */
  enter(root: RootKey, file: FoundFile): boolean {
    const files = this.#filesOf(root)
    const before = files.now
    files.now = file
    const isOther = before !== undefined && before.inode !== file.inode
    if (isOther) keepLatest(files.replaced, before.inode)
    files.replaced.delete(file.inode)
    return isOther
  }

  /** Hooks could not be attached to the file of a root: it is looked at again. */
  retry(root: RootKey): void {
    const files = this.#filesOf(root)
    if (files.now) files.now = { ...files.now, version: '' }
  }

  /** The root has no file there any more. */
  forget(root: RootKey): void {
    const files = this.#roots.get(root)
    if (!files?.now) return
    keepLatest(files.replaced, files.now.inode)
    files.now = undefined
  }

  /** Files of roots that are gone lose their probes, and so do replaced ones after a while. */
  forgetRoots(live: ReadonlySet<string>): void {
    for (const key of this.#roots.keys()) {
      if (key !== undefined && !live.has(key)) this.#roots.delete(key)
    }
    const kept = [...this.#roots.values()].flatMap(({ now, replaced }) => [
      ...(now ? [now.inode] : []),
      ...replaced,
    ])
    for (const hook of this.hooks) void hook.keep(new Set(kept))
  }

  #filesOf(root: RootKey): RootFiles {
    let files = this.#roots.get(root)
    if (!files) {
      files = { now: undefined, replaced: new Set() }
      this.#roots.set(root, files)
    }
    return files
  }
}

function keepLatest(replaced: Set<string>, inode: string): void {
  replaced.delete(inode)
  replaced.add(inode)
  for (const first of replaced) {
    if (replaced.size <= replacedMax) break
    replaced.delete(first)
  }
}
