import type { UserProbes } from '@tetragon-ts/compiler'
import { OpenUserFile, oncePerTurn } from '@tetragon-ts/compiler/running-kernel'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { Fd } from '@tetragon-ts/ebpf/sys'
import { type HostFiles, StalledFile } from './host-files.ts'
import { errnoOf, ProbeReports } from './probe-reports.ts'
import { ProbedHook, type ProbeProgram } from './probed-hook.ts'
import { ProbedPath } from './probed-path.ts'
import { type FoundRoots, openRoot, type ProcessRoot, processRoots } from './process-roots.ts'
import { RealInodes } from './real-inodes.ts'
import type { RedirectRows } from './redirect-rows.ts'

/** Interval of the checks for new containers and replaced files, in milliseconds. */
const interval = 1000
/** Time that a check takes for containers, in milliseconds; the next one continues. */
const checkMs = 100
/** Errors of a path that leads to no file. */
const noFile: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** What a table of probes needs. */
export interface UserProbeOptions {
  readonly collection: Collection
  readonly procfs: string
  /** Leads to the root of the host. */
  readonly hostRoot: string
  readonly hostFiles: HostFiles
  readonly warn: (message: string) => void
}

/**
 * Attaches hooks in user space to the files at their paths: on the host and in each container, once
 * for each real inode. A new container, and a file that is new at its path, has its probes after
 * the next check.
 */
export class UserProbeTable implements Disposable {
  readonly #options: UserProbeOptions
  readonly #inodes: RealInodes
  readonly #reports: ProbeReports
  readonly #paths = new Map<string, ProbedPath>()
  readonly #foundRoots: () => FoundRoots
  #timer: NodeJS.Timeout | undefined
  #isChecking = false
  /** Where the next check begins among the roots. */
  #next = 0

  constructor(options: UserProbeOptions) {
    this.#options = options
    this.#inodes = new RealInodes(options.collection)
    this.#reports = new ProbeReports(options.warn)
    this.#foundRoots = oncePerTurn(() => processRoots(options.procfs, this.#host))
  }

  /**
   * Adds a hook and attaches it to the file of the host, if there is one; {@link cover} attaches it
   * in containers.
   * @param name in messages
   * @param rows set if its programs override the function
   * @param onNew called with a file that there is no program for
   * @throws Error if the file cannot be probed; then nothing stays attached
   */
  add(
    name: string,
    probes: UserProbes,
    programs: readonly ProbeProgram[],
    rows?: RedirectRows,
    onNew?: () => void,
  ): ProbedHook {
    const hook = new ProbedHook(name, probes, programs, rows, onNew)
    const probed = this.#paths.get(probes.path) ?? new ProbedPath(probes.path)
    this.#paths.set(probes.path, probed)
    probed.hooks.add(hook)
    try {
      this.#lookOnHost(probed, hook)
    } catch (error) {
      void this.remove(hook)
      throw error
    }
    this.#timer ??= setInterval(() => void this.check(), interval).unref()
    return hook
  }

  /** Attaches hooks that were added to the files of all containers that there are. */
  cover(hooks: readonly ProbedHook[]): void {
    if (hooks.length === 0) return
    const paths = [...this.#paths.values()].filter(({ hooks: all }) =>
      hooks.some((hook) => all.has(hook)),
    )
    for (const root of this.#roots()) this.#look(paths, root, new Set(hooks))
  }

  /** The folder in /proc of a process in the root of the host. */
  get #host(): string {
    const { hostRoot, procfs } = this.#options
    return hostRoot.endsWith('/root') ? hostRoot.slice(0, -'/root'.length) : `${procfs}/self`
  }

  /** Those of containers. */
  #roots(): readonly ProcessRoot[] {
    const { roots, leavesOut } = this.#foundRoots()
    if (leavesOut && this.#paths.size > 0) {
      this.#reports.once('files of processes in user namespaces of their own are not probed')
    }
    return roots
  }

  /** Removes a hook. @returns when its programs are detached */
  async remove(hook: ProbedHook): Promise<void> {
    const probed = this.#paths.get(hook.path)
    probed?.hooks.delete(hook)
    if (probed?.hooks.size === 0) this.#paths.delete(hook.path)
    if (this.#paths.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#options.hostFiles.rest()
    }
    await hook.keep(new Set())
  }

  /** The different files at a path, that of the host first. Each is closed before the next. */
  *filesAt(path: string): Iterable<OpenUserFile> {
    const seen = new Set<string>()
    for (const root of [undefined, ...this.#roots()]) {
      let inode: string
      let file: OpenUserFile
      try {
        file = this.#open(path, root)
      } catch {
        // It is reported when hooks are attached, and so is one that cannot be mapped.
        continue
      }
      using _ = file
      try {
        inode = this.#inodes.of(file.descriptor)
      } catch {
        continue
      }
      if (seen.has(inode)) continue
      seen.add(inode)
      yield file
    }
  }

  #open(path: string, root: ProcessRoot | undefined): OpenUserFile {
    if (!root) return this.#options.hostFiles.open(path)
    using folder = openRoot(root, this.#host)
    return OpenUserFile.openForeign(folder, path)
  }

  /** Attaches hooks to files that are new at their paths. File systems may never answer. */
  async check(): Promise<void> {
    if (this.#isChecking) return
    this.#isChecking = true
    try {
      const asked = [...this.#paths.values()]
      await Promise.all(asked.map((probed) => this.#checkOnHost(probed)))
      this.#checkContainers()
    } finally {
      this.#isChecking = false
    }
  }

  async #checkOnHost(probed: ProbedPath): Promise<void> {
    const answer = await this.#options.hostFiles.ask(probed.path)
    // All of its hooks may be gone.
    if (this.#paths.get(probed.path) !== probed) return
    const isSame =
      answer !== 'stalled' &&
      answer.version !== undefined &&
      answer.version === probed.versionIn(undefined)
    // The file is not opened to find that out.
    if (!isSame) this.#reports.attempt(`probe ${probed.path}`, () => this.#lookOnHost(probed))
  }

  #checkContainers(): void {
    this.#reports.attempt('probe files', () => {
      const paths = [...this.#paths.values()]
      const roots = this.#roots()
      const deadline = performance.now() + checkMs
      for (let i = 0; i < roots.length && performance.now() < deadline; i++) {
        this.#next = (this.#next + 1) % roots.length
        this.#look(paths, roots[this.#next])
      }
      const live = new Set(roots.map(({ key }) => key))
      for (const probed of paths) probed.forgetRoots(live)
    })
  }

  /** @param added a hook that lacks files which are known */
  #lookOnHost(probed: ProbedPath, added?: ProbedHook): void {
    const { path } = probed
    let isStalled = false
    using file = this.#ifThere(`probe ${path}`, () => {
      try {
        return this.#options.hostFiles.open(path)
      } catch (error) {
        isStalled = error instanceof StalledFile
        throw error
      }
    })
    // Attached files keep their probes until their file system answers again.
    if (isStalled) return
    this.#found(probed, undefined, file, added ? new Set([added]) : none)
  }

  /** Looks for paths in a container. @param added hooks that lack files which are known */
  #look(paths: readonly ProbedPath[], root: ProcessRoot, added = none): void {
    this.#reports.attempt('probe files of a container', () => {
      using folder: Fd = openRoot(root, this.#host)
      for (const probed of paths) {
        const subject = `probe ${probed.path} of a container`
        this.#reports.attempt(subject, () => {
          using file = this.#ifThere(subject, () => OpenUserFile.openForeign(folder, probed.path))
          this.#found(probed, root, file, added)
        })
      }
    })
  }

  /** Undefined if there is no such file, or if it cannot be opened, which is reported. */
  #ifThere(subject: string, open: () => OpenUserFile): OpenUserFile | undefined {
    try {
      return open()
    } catch (error) {
      if (!noFile.has(errnoOf(error) ?? '')) this.#reports.once(subject, (error as Error).message)
      return undefined
    }
  }

  #found(
    probed: ProbedPath,
    root: ProcessRoot | undefined,
    file: OpenUserFile | undefined,
    added: ReadonlySet<ProbedHook>,
  ): void {
    const key = root?.key
    if (!file) return probed.forget(key)
    const { version } = file
    const isNew = probed.versionIn(key) !== version
    const hooks = [...probed.hooks].filter((hook) => isNew || added.has(hook))
    if (hooks.length === 0) return
    const inode = this.#inodes.of(file.descriptor)
    if (probed.enter(key, { version, inode })) {
      const subject = `probe ${probed.path}${root ? ' of a container' : ''}`
      // Containers may replace theirs without end.
      if (root) this.#reports.once(`${subject}: the file was replaced`)
      else this.#options.warn(`${subject}: the file was replaced`)
    }
    for (const hook of hooks) {
      const attach = (): void => this.#attach(hook, file, inode, root, added.has(hook))
      // The file of the host decides whether a policy can be loaded.
      if (added.has(hook) && !root) attach()
      else if (!this.#reports.attempt(`${hook.name}: probe ${probed.path}`, attach)) {
        probed.retry(key)
      }
    }
  }

  #attach(
    hook: ProbedHook,
    file: OpenUserFile,
    inode: string,
    root: ProcessRoot | undefined,
    isAdded: boolean,
  ): void {
    const problems = hook.attach(file, inode, file.content, root !== undefined)
    // The compiler has reported those of the host.
    if (problems.length === 0 || (isAdded && !root)) return
    const where = root ? `${file.path} of a container` : file.path
    this.#reports.once(`${hook.name}: not attached to all of ${where}`, problems.join('; '))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    for (const { hooks } of [...this.#paths.values()]) {
      for (const hook of [...hooks]) void this.remove(hook)
    }
  }
}

const none: ReadonlySet<ProbedHook> = new Set()
