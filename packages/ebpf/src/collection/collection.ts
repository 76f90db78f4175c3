import { replaceMapFds } from '../asm/index.ts'
import { Btf } from '../btf/index.ts'
import {
  type CompiledProgram,
  compileInSteps,
  type Hook,
  type LoadTarget,
  type Program,
  type Target,
} from '../lang/index.ts'
import { attachProgram, type Link } from '../links/index.ts'
import type { MapSpec } from '../maps/index.ts'
import { createMap, type OpenMap, OpenMaps } from '../open-maps/index.ts'
import {
  type LoadedProgram,
  loadProgram,
  loadProgramInSteps,
  type ProgramOptions,
} from '../programs/index.ts'
import { runSteps, type Steps } from '../steps/index.ts'
import { type PinFolder, SystemCallError } from '../sys/index.ts'

/** What the programs of a collection are built for, and whether they outlast this process. */
export interface CollectionTarget extends Target {
  /** Keeps programs attached when the process ends. */
  readonly pins?: PinFolder | undefined
}

/** Maps by the ones that they take the place of. */
export type ReplacedMaps = ReadonlyMap<MapSpec, MapSpec>

const none: ReplacedMaps = new Map()

/** Instruction slots of a large program. */
const largeSlots = 10_000

interface Loaded {
  readonly program: LoadedProgram
  readonly source: Program
}

/**
 * Programs and maps that belong together. Maps come to life when a program or user space first
 * refers to them; disposing of the collection takes everything out of the kernel.
 */
export class Collection implements Disposable {
  readonly target: CollectionTarget
  readonly #maps = new OpenMaps()
  readonly #programs: Loaded[] = []
  /** Collected as garbage when memory is needed: a compiled program takes a hundred kilobytes. */
  #compiled = new WeakMap<Program, WeakRef<CompiledProgram>>()
  readonly #links: Link[] = []
  readonly #borrowed = new Set<MapSpec>()
  readonly #used = new Set<MapSpec>()
  readonly #pinned = new Map<MapSpec, () => void>()

  constructor(target: Partial<CollectionTarget> = {}) {
    this.target = { bpfLoop: false, ...target, btf: target.btf ?? Btf.open() }
  }

  /** The map behind a declaration. @throws SystemCallError */
  map<K, V>(spec: MapSpec<K, V>): OpenMap<K, V> {
    let map = this.#maps.get(spec)
    if (!map) {
      map = createMap(spec)
      this.#maps.set(spec, map)
      this.#pin(spec as MapSpec, map)
    }
    return map
  }

  /** The kernel empties an array of programs when nothing but programs holds it. */
  #pin(spec: MapSpec, { fd }: Pick<OpenMap<unknown, unknown>, 'fd'>): void {
    const { pins } = this.target
    if (pins && spec.type === 'progArray') this.#pinned.set(spec, pins.add(fd, spec.name))
  }

  #unpin(spec: MapSpec): void {
    this.#pinned.get(spec)?.()
    this.#pinned.delete(spec)
  }

  /** The map behind a declaration, if something has referred to it. */
  existing<K, V>(spec: MapSpec<K, V>): OpenMap<K, V> | undefined {
    return this.#maps.get(spec)
  }

  /** Uses this map for the declaration; it stays its owner's. */
  borrow<K, V>(spec: MapSpec<K, V>, map: OpenMap<K, V>): void {
    this.share(spec, map)
    this.#borrowed.add(spec as MapSpec)
  }

  /** Whether a map belongs to another owner. */
  borrows(spec: MapSpec): boolean {
    return this.#borrowed.has(spec)
  }

  /** Whether a program of the collection refers to a map. */
  uses(spec: MapSpec): boolean {
    return this.#used.has(spec)
  }

  /** Uses this map for the declaration; it belongs to the collection from now on. */
  share<K, V>(spec: MapSpec<K, V>, map: OpenMap<K, V>): void {
    this.#maps.set(spec, map)
    this.#compiled = new WeakMap() // descriptors are part of the code
  }

  /**
   * Compiles and loads a program. Loading the same one soon again does not compile it again.
   * @param replaced maps, each with the one that this copy uses in its place
   * @throws LanguageError, VerifierError, SystemCallError
   */
  load(program: Program, replaced: ReplacedMaps = none): LoadedProgram {
    const hook = this.#resolve(program)
    const compiled = runSteps(this.#compile(program))
    const loaded = loadProgram(this.#optionsOf(program, hook, compiled, replaced))
    this.#programs.push({ program: loaded, source: program })
    return loaded
  }

  /** The same in steps; the verifier runs on another thread. */
  *loadInSteps(program: Program): Steps<LoadedProgram> {
    const hook = this.#resolve(program)
    const compiled = yield* this.#compile(program)
    const loaded = yield* loadProgramInSteps(this.#optionsOf(program, hook, compiled, none))
    this.#programs.push({ program: loaded, source: program })
    return loaded
  }

  /** Before the program is compiled: its body relies on the arguments of the hook. */
  #resolve(program: Program): LoadTarget {
    return program.hook.resolve(this.target.btf)
  }

  #optionsOf(
    program: Program,
    hook: LoadTarget,
    compiled: CompiledProgram,
    replaced: ReplacedMaps,
  ): ProgramOptions {
    return {
      type: hook.programType,
      expectedAttachType: hook.attachType,
      attachBtfId: hook.attachBtfId,
      flags: hook.flags,
      name: program.name,
      code: this.#withMaps(compiled.code, replaced),
      btf: compiled.btf,
      // All positions take seconds for a large program: those of the policy's lines have to do.
      positions: compiled.slots > largeSlots ? compiled.position : this.#positionsOf(program),
    }
  }

  *#compile(program: Program): Steps<CompiledProgram> {
    let compiled = this.#compiled.get(program)?.deref()
    if (!compiled) {
      compiled = yield* this.#compileAnew(program, false)
      this.#compiled.set(program, new WeakRef(compiled))
    }
    return compiled
  }

  #compileAnew(program: Program, positions: boolean): Steps<CompiledProgram> {
    const mapFd = (spec: MapSpec): number => {
      this.#used.add(spec)
      return this.map(spec).fd.number
    }
    return compileInSteps(program, this.target, { mapFd, positions })
  }

  /** Positions for an error: only then the program is compiled with all of them. */
  #positionsOf(program: Program): CompiledProgram['position'] {
    let compiled: CompiledProgram | undefined
    return (slot) => {
      compiled ??= runSteps(this.#compileAnew(program, true))
      return compiled.position(slot)
    }
  }

  #withMaps(code: Uint8Array, replaced: ReplacedMaps): Uint8Array {
    if (replaced.size === 0) return code
    const fd = (spec: MapSpec): number => this.map(spec).fd.number
    return replaceMapFds(code, new Map([...replaced].map(([from, to]) => [fd(from), fd(to)])))
  }

  /** Loads a program and attaches it to its hook; arguments and errors are those of `load`. */
  attach(program: Program, replaced: ReplacedMaps = none): Link {
    return this.link(program, this.load(program, replaced))
  }

  /** Attaches a program that this collection loaded. */
  link(program: Program, loaded: LoadedProgram): Link {
    return this.own(this.attachTo(program.hook, loaded))
  }

  /** Attaches a program; the link belongs to the caller. It is pinned if the target has pins. */
  attachTo(hook: Hook, loaded: LoadedProgram): Link {
    const { pins } = this.target
    const link = attachProgram(hook, loaded, { pinnable: pins !== undefined })
    if (pins) keep(link, pins)
    return link
  }

  /** Closes a link together with the collection, before the links that it got earlier. */
  own(link: Link): Link {
    this.#links.push(link)
    return link
  }

  /** Takes a program of this collection from its hook and out of the kernel. */
  remove(link: Link, loaded: LoadedProgram): void {
    link.close()
    const at = this.#links.indexOf(link)
    if (at >= 0) this.#links.splice(at, 1)
    this.unload(loaded)
  }

  /** Takes a program of this collection out of the kernel. It is not attached. */
  unload(loaded: LoadedProgram): void {
    loaded.close()
    const index = this.#programs.findIndex(({ program }) => program === loaded)
    if (index >= 0) this.#programs.splice(index, 1)
  }

  /** Closes a map that no program of this collection uses any more. */
  forget(spec: MapSpec): void {
    this.#unpin(spec)
    this.#maps.get(spec)?.close()
    this.#maps.delete(spec)
    this.#used.delete(spec)
    this.#compiled = new WeakMap() // descriptors are part of the code
  }

  /** Programs loaded so far, each with what it was made of. */
  get loaded(): readonly { readonly program: LoadedProgram; readonly source: Program }[] {
    return this.#programs
  }

  /** Programs loaded so far. */
  get programs(): readonly LoadedProgram[] {
    return this.#programs.map(({ program }) => program)
  }

  /** Maps in use so far, by declaration. */
  get maps(): ReadonlyMap<MapSpec, OpenMap<unknown, unknown>> {
    return this.#maps.all
  }

  /** Detaches everything, in a step for each link: what was attached first is detached last. */
  *closeLinks(): Steps<void> {
    for (let link = this.#links.pop(); link; link = this.#links.pop()) {
      link.close()
      yield 'part'
    }
  }

  /** Detaches, unloads and closes everything. */
  close(): void {
    const closing = this.closeLinks()
    while (!closing.next().done);
    for (const { program } of this.#programs) program.close()
    for (const spec of [...this.#pinned.keys()]) this.#unpin(spec)
    for (const [spec, map] of this.#maps) if (!this.#borrowed.has(spec)) map.close()
    this.#programs.length = 0
    this.#compiled = new WeakMap()
    this.#maps.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Pins a link, or reports why its program ends with this process. */
function keep(link: Link, pins: PinFolder): void {
  try {
    link.pin?.(pins)
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    pins.onUnpinned?.(`${link.kind} ${link.target}`, error.message)
  }
}
