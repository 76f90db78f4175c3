import { readFile } from '#ebpf-platform'
import { decodeType, enum64Value, enumValue, HEAD_WORDS } from './decode.ts'
import { describeType } from './describe.ts'
import { BtfError } from './error.ts'
import { BtfImage } from './image.ts'
import { type BtfKind, KIND, KIND_NAMES } from './kind.ts'
import { resolveType, sizeOfType } from './layout.ts'
import { findMember, findMemberPath, type MemberLocation } from './member.ts'
import { findPrototype, findTracepointPrototype, type Prototype } from './prototype.ts'
import { nameBytes } from './text.ts'
import type { BtfType, Member } from './type.ts'

/** Where the kernel shows its own types. Kernel 5.4 with CONFIG_DEBUG_INFO_BTF. */
export const VMLINUX_BTF = '/sys/kernel/btf/vmlinux'

/** Folder of the types of modules. Kernel 5.11. */
const MODULES = '/sys/kernel/btf'

/** Returns the types of a kernel module; undefined if there are none. */
export type ModuleTypes = (name: string) => Uint8Array | undefined

/** Decoded types that are kept. */
const CACHE_SIZE = 256

/** The running kernel's, while a caller holds it. */
let kernelBtf: WeakRef<Btf> | undefined

/** Errors: EBPF_BTF_READ and those of `Btf.parse`. */
function readImage(path: string, base: BtfImage | undefined): BtfImage {
  let bytes: Uint8Array
  try {
    bytes = readFile(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new BtfError('EBPF_BTF_READ', `read BTF ${path}: ${reason}`, { cause })
  }
  return new BtfImage(bytes, base)
}

/**
 * The types of a kernel, a module or a program. Opening costs one pass over the types (a few
 * milliseconds for a kernel), the first lookup by name another one; all else is decoded when
 * it is asked for. Broken BTF gives a BtfError, when it is opened or when it is met.
 */
export class Btf {
  readonly base: Btf | undefined
  readonly #cache = new Map<number, BtfType>()
  readonly #path: string | undefined
  readonly #modules = new Map<string, Btf>()
  readonly #moduleTypes: ModuleTypes | undefined
  #kept: BtfImage | undefined

  private constructor(
    image: BtfImage,
    base: Btf | undefined,
    { path, modules }: { readonly path?: string; readonly modules?: ModuleTypes | undefined },
  ) {
    this.#kept = image
    this.base = base
    this.#path = path
    this.#moduleTypes = modules
  }

  get #image(): BtfImage {
    this.#kept ??= readImage(this.#path!, undefined)
    return this.#kept
  }

  /**
   * Reads the BTF of a file: of the kernel, or with `base` of a module
   * (`/sys/kernel/btf/NAME`, kernel 5.11). The kernel's is read once and shared by all who use it
   * at the same time. Errors: EBPF_BTF_READ and those of `parse`.
   */
  static open(path: string = VMLINUX_BTF, base?: Btf): Btf {
    if (path === VMLINUX_BTF && base === undefined) {
      let shared = kernelBtf?.deref()
      if (!shared) {
        shared = Btf.#read(path, undefined)
        kernelBtf = new WeakRef(shared)
      }
      return shared
    }
    return Btf.#read(path, base)
  }

  static #read(path: string, base: Btf | undefined): Btf {
    const image = base === undefined ? undefined : base.#image
    return new Btf(readImage(path, image), base, { path })
  }

  /**
   * The BTF in these bytes, which are kept and must not change. With `base` the ids and strings
   * go on where those of the base end. Errors: EBPF_BTF_BAD_MAGIC, EBPF_BTF_TRUNCATED,
   * EBPF_BTF_BAD_KIND, EBPF_BTF_BAD_STRING.
   * @param modules the types of the kernel's modules; without it there are none
   */
  static parse(bytes: Uint8Array, base?: Btf, modules?: ModuleTypes): Btf {
    const image = new BtfImage(bytes, base === undefined ? base : base.#image)
    return new Btf(image, base, { modules })
  }

  /**
   * The types of a kernel module, on top of these: of the running kernel if these come from a
   * file. Errors: EBPF_BTF_READ if the module has none, and those of `parse`.
   */
  module(name: string): Btf {
    let types = this.#modules.get(name)
    if (!types) {
      types = this.#path === undefined ? this.#parsedModule(name) : this.#openModule(name)
      this.#modules.set(name, types)
    }
    return types
  }

  #openModule(name: string): Btf {
    return Btf.open(`${MODULES}/${name}`, this)
  }

  #parsedModule(name: string): Btf {
    const bytes = this.#moduleTypes?.(name)
    if (bytes) return Btf.parse(bytes, this)
    throw new BtfError('EBPF_BTF_READ', `read BTF of module ${name}: it is not available`)
  }

  /**
   * Frees most of the memory of the running kernel's types, 8 MiB. The next use reads them again,
   * with the errors of `open`. Other BTF is kept: its file can change.
   */
  release(): void {
    if (this.#path === VMLINUX_BTF) this.#kept = undefined
  }

  /** Ids reach from 0 (void) to one below this. */
  get endId(): number {
    return this.#image.endId
  }

  /** Id of the first type of that name and kind (or one of the kinds); the base goes first. */
  find(name: string, kind: BtfKind | readonly BtfKind[]): number | undefined {
    const bytes = nameBytes(name)
    const wanted = typeof kind === 'string' ? [kind] : kind
    const ids = wanted.some((it) => it !== 'func') ? this.#image.named(bytes) : []
    if (wanted.includes('func')) ids.push(...this.#image.functionsNamed(bytes))
    const found = ids.filter((id) => wanted.includes(KIND_NAMES[this.#image.kind(id)]))
    return found.length > 0 ? Math.min(...found) : undefined
  }

  /** Kind of a type, without decoding it. */
  kind(id: number): BtfKind {
    return KIND_NAMES[this.#image.kind(id)]
  }

  /** The type of that id; void for 0. EBPF_BTF_BAD_ID for ids that are not there. */
  type(id: number): BtfType {
    const cached = this.#cache.get(id)
    if (cached) return cached
    const type = decodeType(this.#image, id)
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear()
    this.#cache.set(id, type)
    return type
  }

  /** Skips typedef, const, volatile, restrict and type tags. */
  resolve(id: number): number {
    return resolveType(this.#image, id)
  }

  /** Bytes of a value of that type. EBPF_BTF_NO_SIZE for void, functions, forward declarations. */
  sizeOf(id: number): number {
    return sizeOfType(this.#image, id)
  }

  /** A member of a struct or union, also one that is in an anonymous struct or union in it. */
  member(structId: number, name: string): Member | undefined {
    return findMember(this.#image, structId, name)
  }

  /**
   * Where a path such as `__sk_common.skc_daddr` or `comm[3]` leads to from the start of a
   * struct, without crossing a pointer. Errors: BtfMemberError, EBPF_BTF_BAD_PATH.
   */
  memberPath(structId: number, path: string): MemberLocation {
    return findMemberPath(this.#image, structId, path)
  }

  /** Parameters and result of a kernel function; undefined when BTF does not know it. */
  prototype(functionName: string): Prototype | undefined {
    return findPrototype(this, functionName)
  }

  /** Parameters of a tracepoint as raw programs (`tp_btf`) see them, after the `void *data`. */
  tracepointPrototype(name: string): Prototype | undefined {
    return findTracepointPrototype(this, name)
  }

  /**
   * Value of an enumerator, looked up over all enums; undefined when there is none of that name.
   * A number from an `enum`, a bigint from an `enum64`.
   */
  enumerator(name: string): number | bigint | undefined {
    const image = this.#image
    const wanted = nameBytes(name)
    const inBase = this.base?.enumerator(name)
    if (inBase !== undefined || wanted.length === 0) return inBase
    for (const id of image.enumIds) {
      const wide = image.kind(id) === KIND.enum64
      const stride = wide ? 3 : 2
      const count = image.entries(id)
      for (let index = 0; index < count; index++) {
        if (!image.stringIs(image.word(id, HEAD_WORDS + index * stride), wanted)) continue
        return wide ? enum64Value(image, id, index) : enumValue(image, id, index)
      }
    }
    return undefined
  }

  /** Names of all functions, one after the other, the base's first. */
  *functions(): Generator<string> {
    if (this.base) yield* this.base.functions()
    const image = this.#image
    for (let id = image.firstId; id < image.endId; id++) {
      if (image.kind(id) === KIND.func) yield image.string(image.word(id, 0))
    }
  }

  /** The type as C writes it: `struct task_struct *`. */
  describe(id: number): string {
    return describeType(this.#image, id)
  }
}
