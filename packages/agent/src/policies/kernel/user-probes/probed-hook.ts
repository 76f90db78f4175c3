import type { ProbeSites, UserProbes } from '@tetragon-ts/compiler'
import type { OpenUserFile } from '@tetragon-ts/compiler/running-kernel'
import type { Program } from '@tetragon-ts/ebpf/lang'
import { attachToFile, type Link } from '@tetragon-ts/ebpf/links'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import type { RedirectRows } from './redirect-rows.ts'

/** Files that a hook is attached to: containers may bring any number. */
const filesMax = 4096

/** A program of a hook in user space. */
export interface ProbeProgram {
  readonly program: Program
  readonly loaded: LoadedProgram
}

/** What holds the programs of a hook at a file. */
interface Attached {
  /** None if the file has no place for the hook, or must not be probed. */
  readonly links: readonly Link[]
  /** Its row of targets, if the hook overrides functions. */
  readonly row?: number | undefined
}

/** A file that a hook was tried on. */
interface TriedFile extends Attached {
  /** Another one if the content has changed. */
  readonly version: string
  readonly sites: ProbeSites['sites']
}

/** Names and problems in a message. */
const shownMax = 8

/** A hook in user space, with the files that its programs are attached to. */
export class ProbedHook {
  /** In messages. */
  readonly name: string
  readonly #probes: UserProbes
  readonly #programs: readonly ProbeProgram[]
  readonly #rows: RedirectRows | undefined
  readonly #onNew: (() => void) | undefined
  /** By the key of the real inode. */
  readonly #tried = new Map<string, TriedFile>()

  /**
   * @param programs in attach order
   * @param rows set if they override the function
   * @param onNew called with a file that there is no program for
   */
  constructor(
    name: string,
    probes: UserProbes,
    programs: readonly ProbeProgram[],
    rows?: RedirectRows,
    onNew?: () => void,
  ) {
    this.name = name
    this.#probes = probes
    this.#programs = programs
    this.#rows = rows
    this.#onNew = onNew
  }

  /** In each root. */
  get path(): string {
    return this.#probes.path
  }

  /** Keys of the real inodes that its programs are attached to. */
  get inodes(): readonly string[] {
    return [...this.#tried].flatMap(([inode, { links }]) => (links.length > 0 ? [inode] : []))
  }

  /**
   * Attaches its programs to a file. If they are attached to it, nothing happens unless its places
   * are others.
   * @param inode key of the real inode
   * @param version another one if the content has changed
   * @param isForeign whether the file is a container's
   * @returns what is not attached
   * @throws ElfError, WrongDigest, SystemCallError
   */
  attach(
    file: OpenUserFile,
    inode: string,
    version: string,
    isForeign: boolean,
  ): readonly string[] {
    const before = this.#tried.get(inode)
    if (before?.version === version) return []
    if (!before && this.#tried.size >= filesMax && this.inodes.length >= filesMax) {
      throw new Error(`probe ${file.path}: the hook has ${filesMax} files, and gets no more`)
    }
    const { sites, missing, others } = this.#sitesIn(file, inode, version, isForeign)
    // If it fails, it is tried again: the kernel may have had no memory.
    this.#tried.delete(inode)
    const attached = this.#attachedTo(file, sites, before)
    this.#tried.set(inode, { version, sites, ...attached })
    if (others.areNew) this.#onNew?.()
    const names = [...missing, ...attached.missing].slice(0, shownMax).join(', ')
    return [...(names === '' ? [] : [`it has no ${names}`]), ...others.problems.slice(0, shownMax)]
  }

  /** Errors of a file are permanent: it is not tried again. */
  #sitesIn(file: OpenUserFile, inode: string, version: string, isForeign: boolean): ProbeSites {
    try {
      return this.#probes.find(file, isForeign)
    } catch (error) {
      void this.#detach(this.#tried.get(inode))
      this.#tried.set(inode, { version, sites: [], links: [] })
      throw error
    }
  }

  /** Keeps the links if the content has changed, but not the places. */
  #attachedTo(
    file: OpenUserFile,
    sites: ProbeSites['sites'],
    before: TriedFile | undefined,
  ): Attached & { readonly missing: readonly string[] } {
    if (before && !this.#rows && isSame(sites, before.sites)) {
      return { links: before.links, missing: [] }
    }
    // Breakpoints at the places of other content break it.
    void this.#detach(before)
    if (sites.length === 0) return { links: [], missing: [] }
    const row = this.#rows?.add(file, sites)
    const links = this.#attachAll(file, row?.sites ?? sites, row?.number)
    return { links, row: row?.number, missing: row?.missing ?? [] }
  }

  #attachAll(
    { descriptor, path }: OpenUserFile,
    sites: ProbeSites['sites'],
    row: number | undefined,
  ): Link[] {
    const file = { path: `/proc/self/fd/${descriptor.number}`, shown: path }
    const links: Link[] = []
    try {
      for (const { program, loaded } of this.#programs) {
        links.push(...attachToFile(program.hook, loaded, file, sites))
      }
      return links
    } catch (error) {
      void this.#detach({ links, row })
      throw error
    }
  }

  /** Detaches from all files but these. @returns when that is done */
  async keep(inodes: ReadonlySet<string>): Promise<void> {
    const dropped = [...this.#tried].filter(([inode]) => !inodes.has(inode))
    for (const [inode] of dropped) this.#tried.delete(inode)
    await Promise.all(dropped.map(([, file]) => this.#detach(file)))
  }

  /** In the background: the kernel takes 0.1 s for a uprobe. */
  async #detach({ links, row }: Attached = { links: [] }): Promise<void> {
    await Promise.all(links.map((link) => link.detach()))
    if (row !== undefined) this.#rows?.remove(row)
  }
}

function isSame(some: ProbeSites['sites'], others: ProbeSites['sites']): boolean {
  return (
    some.length === others.length &&
    some.every(
      ({ offset, counterOffset, functionIndex }, i) =>
        offset === others[i].offset &&
        counterOffset === others[i].counterOffset &&
        functionIndex === others[i].functionIndex,
    )
  )
}
