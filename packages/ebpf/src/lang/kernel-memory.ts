import type { Btf } from '../btf/index.ts'
import type { Bytes } from './bytes.ts'
import { Comparison, type Condition } from './condition.ts'
import { ControlFlow } from './control-flow.ts'
import { eachProcess } from './each-process.ts'
import { Int, type IntLike } from './int.ts'
import { findStruct, type KernelStruct, structLayout } from './kernel-struct.ts'
import type { Layout } from './layout.ts'
import { addressOf, loadKernel, makePointer, memberOf, type Place, type Ptr } from './pointer.ts'
import { requiredMember, snapshotMembers } from './snapshot.ts'

/** The kernel language for memory that is not the program's: the kernel's and the user's. */
export class KernelMemory extends ControlFlow {
  /** Takes an address as a pointer to a kernel structure: what lies there may be anything. */
  cast<T>(struct: KernelStruct<T>, address: Int | Ptr<object>): Ptr<T> {
    return this.#pointer('kernel', this.register(address), this.layout(struct))
  }

  /**
   * Takes what the verifier knows for a pointer to a structure, such as a helper's result, as one.
   */
  typed<T>(struct: KernelStruct<T>, address: Int): Ptr<T> {
    return this.#pointer('typed', address.register, this.layout(struct))
  }

  /** The structure that contains, as its member `name`, what `inner` points at. */
  containerOf<T>(
    struct: KernelStruct<T>,
    name: keyof T & string,
    inner: Int | Ptr<object>,
  ): Ptr<T> {
    const layout = this.layout(struct)
    const { offset } = requiredMember(this.builder, layout, name)
    const address = new Int(this.builder, this.register(inner)).sub(offset)
    return this.#pointer('kernel', address.register, layout)
  }

  /** As {@link cast}, to a structure given by its id in BTF, which may be that of a module. */
  castTo(btf: Btf, structId: number, address: Int): Ptr<object> {
    return this.#pointer('kernel', address.register, structLayout(btf, structId))
  }

  /**
   * The task that runs now. With typed loads (bpf_get_current_task_btf, kernel 5.11) where the
   * target has them, else with probe reads.
   */
  currentTask<T>(struct: KernelStruct<T>): Ptr<T> {
    const typed = this.target.currentTaskBtf === true
    const task = this.call(typed ? 'get_current_task_btf' : 'get_current_task')
    return this.#pointer(typed ? 'typed' : 'kernel', task.register, this.layout(struct))
  }

  /**
   * Runs `body` for the main thread of every process, whatever the pid namespace of the thread that
   * runs the program. The body is a function of its own: ending the program in it continues with
   * the next process, and it cannot use values from outside. The task is read as any kernel memory.
   * Kernel 6.7, in programs that cannot sleep.
   */
  eachProcess<T>(struct: KernelStruct<T>, body: (task: Ptr<T>) => void): void {
    const layout = this.layout(struct)
    eachProcess(this.builder, this.target.btf, (task) =>
      body(this.#pointer('kernel', task, layout)),
    )
  }

  /**
   * These fields of a kernel structure. If each would take a probe read, they are copied to the
   * stack in one: only they may be used of the result.
   */
  snapshot<T, const N extends keyof T & string>(
    struct: KernelStruct<T>,
    address: Int | Ptr<object>,
    names: readonly N[],
  ): Ptr<Pick<T, N>> {
    const from = new Int(this.builder, this.register(address))
    return snapshotMembers(this.builder, this.layout(struct), from, names)
  }

  /** Whether this kernel's structure has the field: for code that differs between kernels. */
  hasField<T>(struct: KernelStruct<T>, name: keyof T & string): boolean {
    return findStruct(this.target.btf, struct.name)?.member(name) !== undefined
  }

  /** Layout of a kernel structure: size and places of its fields. */
  layout<T>(struct: KernelStruct<T>): Layout {
    const layout = findStruct(this.target.btf, struct.name)
    return layout ?? this.builder.fail(`this kernel has no structure ${struct.name}`)
  }

  /** Whether a pointer is known to point at a structure of this name. */
  pointsAt(pointer: Ptr<object>, struct: KernelStruct<unknown>): boolean {
    return this.place(pointer).layout.name === struct.name
  }

  /** The structure that a pointer points at, and whether loads through it are typed. */
  pointee(pointer: Ptr<object>): { readonly struct: string; readonly typed: boolean } {
    const { layout, space } = this.place(pointer)
    return { struct: layout.name, typed: space === 'typed' }
  }

  /** The address a pointer holds, or of an embedded structure. */
  address(pointer: Ptr<object>): Int {
    return new Int(this.builder, this.register(pointer))
  }

  /**
   * The address a pointer holds as a plain number, for arithmetic that the verifier does not allow
   * with pointers whose type it knows.
   */
  number(pointer: Ptr<object>): Int {
    const address = this.address(pointer)
    if (this.place(pointer).space !== 'typed') return address
    // Swapped twice all bytes are where they were, and the verifier has forgotten the type.
    return address.swapBytes(64).swapBytes(64)
  }

  /** The address of a field, whatever it holds. */
  addressOf<T>(pointer: Ptr<T>, name: keyof T & string): Int {
    const place = this.place(pointer as Ptr<object>)
    const { offset } = memberOf(place, name)
    return new Int(this.builder, addressOf(place, offset))
  }

  /** Whether two pointers are the same. */
  same(a: Ptr<object> | Int, b: Ptr<object> | Int): Condition {
    return new Comparison(this.builder, 'eq', this.register(a), this.register(b))
  }

  /** A number in kernel memory; 0 where that cannot be read. */
  loadKernel(size: 1 | 2 | 4 | 8, address: Int): Int {
    return new Int(this.builder, loadKernel(this.builder, address.register, size))
  }

  /** Copies kernel memory; a fault leaves zeroes. @returns 0 or a negative error number */
  readKernel(to: Bytes, size: IntLike, from: IntLike): Int {
    return this.call('probe_read_kernel', to, size, from)
  }

  /** Copies user memory of the current process. @returns 0 or a negative error number */
  readUser(to: Bytes, size: IntLike, from: IntLike): Int {
    return this.call('probe_read_user', to, size, from)
  }

  /** Copies a kernel string with its zero. @returns bytes copied, zero included, or negative */
  readKernelString(to: Bytes, max: IntLike, from: IntLike): Int {
    return this.call('probe_read_kernel_str', to, max, from)
  }

  #pointer<T>(space: Place['space'], base: number, layout: Layout): Ptr<T> {
    return makePointer({ builder: this.builder, space, base, offset: 0, layout, nullable: false })
  }
}
