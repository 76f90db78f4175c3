import { Btf } from '../btf/index.ts'
import type { Link } from '../links/index.ts'
import { createMap, type MapSpec, type OpenMap } from '../maps/index.ts'
import { type LoadedProgram, loadProgram } from '../programs/index.ts'
import type { Target } from './code.ts'
import { type CompiledProgram, compile } from './compile.ts'
import type { Program } from './program.ts'

/**
 * Programs and maps that belong together. Maps come to life when a program or user space first
 * refers to them; disposing of the collection takes everything out of the kernel.
 */
export class Collection implements Disposable {
  readonly target: Target
  readonly #maps = new Map<MapSpec, OpenMap<unknown, unknown>>()
  readonly #programs: { program: LoadedProgram; compiled: CompiledProgram }[] = []
  readonly #links: Link[] = []

  constructor(target: Partial<Target> = {}) {
    this.target = { btf: target.btf ?? Btf.open(), bpfLoop: target.bpfLoop ?? false }
  }

  /** The map behind a declaration. @throws SystemCallError */
  map<K, V>(spec: MapSpec<K, V>): OpenMap<K, V> {
    let map = this.#maps.get(spec as MapSpec)
    if (!map) {
      map = createMap(spec as MapSpec)
      this.#maps.set(spec as MapSpec, map)
    }
    return map as unknown as OpenMap<K, V>
  }

  /** Uses this map for the declaration; it belongs to the collection from now on. */
  share<K, V>(spec: MapSpec<K, V>, map: OpenMap<K, V>): void {
    this.#maps.set(spec as MapSpec, map as unknown as OpenMap<unknown, unknown>)
  }

  /**
   * Compiles and loads a program.
   * @throws LanguageError, VerifierError, SystemCallError
   */
  load(program: Program): LoadedProgram {
    const { btf } = this.target
    const target = program.hook.resolve(btf)
    const compiled = compile(program, this.target, {
      mapFd: (spec) => this.map(spec).fd.number,
    })
    const loaded = loadProgram({
      type: target.programType,
      expectedAttachType: target.attachType,
      attachBtfId: target.attachBtfId,
      name: program.name,
      code: compiled.code,
      btf: compiled.btf,
      positions: (slot) => compiled.position(slot),
    })
    this.#programs.push({ program: loaded, compiled })
    return loaded
  }

  /** Loads a program and attaches it to its hook. */
  attach(program: Program): Link {
    const link = program.hook.attach(this.load(program))
    this.#links.push(link)
    return link
  }

  /** Programs loaded so far. */
  get programs(): readonly LoadedProgram[] {
    return this.#programs.map(({ program }) => program)
  }

  /** Maps in use so far, by declaration. */
  get maps(): ReadonlyMap<MapSpec, OpenMap<unknown, unknown>> {
    return this.#maps
  }

  /** Detaches, unloads and closes everything. */
  close(): void {
    for (const link of this.#links) link.close()
    for (const { program } of this.#programs) program.close()
    for (const map of this.#maps.values()) map.close()
    this.#links.length = 0
    this.#programs.length = 0
    this.#maps.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
