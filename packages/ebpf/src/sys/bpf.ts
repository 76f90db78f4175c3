import { type BpfCommand, bpfCommand } from './bpf-command.ts'
import { SystemCallError } from './error.ts'
import { lastErrno, syscall, syscallOnThread, systemCall } from './ffi.ts'
import { Memory } from './memory.ts'
import { canRunInRealTime, inRealTime } from './real-time.ts'

/** Space of a union bpf_attr: larger than the kernel's today, the tail stays zero. */
const attrSize = 168
const attrSlots = 8
const alignment = 8

/** A region that grows: memory for attributes and what they point at, reused by every call. */
let arena = Memory.allocate(1 << 18)
let depth = 0
let used = 0

/**
 * The attribute union of one bpf(2) call. Offsets are those of union bpf_attr in
 * include/uapi/linux/bpf.h; what is not set is zero.
 */
export class BpfAttr {
  readonly memory: Memory
  readonly #take: (size: number) => Memory

  /** @param take allocates zeroed memory for what the attributes point at */
  constructor(take: (size: number) => Memory) {
    this.#take = take
    this.memory = take(attrSize)
  }

  u32(offset: number, value: number): this {
    this.memory.view.setUint32(offset, value, true)
    return this
  }

  s32(offset: number, value: number): this {
    this.memory.view.setInt32(offset, value, true)
    return this
  }

  u64(offset: number, value: number | bigint): this {
    this.memory.view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true)
    return this
  }

  /** At most `size - 1` bytes of a name; the kernel takes letters, digits, `_` and `.` only. */
  name(offset: number, name: string, size = 16): this {
    const safe = name.replaceAll(/[^A-Za-z0-9_.]/g, '_').slice(0, size - 1)
    for (let i = 0; i < safe.length; i++) this.memory.bytes[offset + i] = safe.charCodeAt(i)
    return this
  }

  /** Sets a pointer to native memory. */
  pointer(offset: number, memory: Memory): this {
    return this.u64(offset, memory.address)
  }

  /** Copies bytes to native memory and sets a pointer to the copy. */
  copy(offset: number, bytes: Uint8Array): Memory {
    const memory = this.space(offset, bytes.byteLength)
    memory.bytes.set(bytes)
    return memory
  }

  /** Copies a string with its terminating zero and sets a pointer to it. */
  string(offset: number, text: string): Memory {
    return this.copy(offset, Buffer.from(`${text}\0`))
  }

  /**
   * Sets a pointer to zeroed native memory, valid until the call returns, and gives that memory.
   */
  space(offset: number, size: number): Memory {
    const memory = this.#take(size)
    this.u64(offset, memory.address)
    return memory
  }
}

function take(size: number): Memory {
  const aligned = Math.ceil(size / alignment) * alignment
  if (used + aligned > arena.size) {
    // The old arena may still be pointed at by the attributes under construction, so it is left
    // alone: this happens a handful of times in a process, for very large programs.
    arena = Memory.allocate(Math.max(arena.size * 2, aligned * 2))
    used = 0
  }
  const memory = arena.slice(used, size)
  memory.bytes.fill(0)
  used += aligned
  return memory
}

/**
 * Calls bpf(2).
 * @param fill sets the attributes; the memory it takes is valid until this function returns
 * @param read reads what the kernel wrote back
 * @param action what is tried, for the error's message
 * @throws SystemCallError
 */
export function bpf<T = number>(
  command: BpfCommand,
  fill: (attr: BpfAttr) => void,
  action: string | (() => string),
  read: (result: number, attr: BpfAttr) => T = (result) => result as T,
): T {
  const before = used
  const arenaBefore = arena
  if (++depth > attrSlots) throw new Error('bpf calls nested too deeply')
  try {
    const attr = new BpfAttr(take)
    fill(attr)
    const result = bpfRaw(command, attr.memory)
    if (result < 0) {
      const errno = lastErrno()
      throw new SystemCallError(typeof action === 'string' ? action : action(), errno, command)
    }
    return read(result, attr)
  } finally {
    depth--
    used = arena === arenaBefore ? before : depth === 0 ? 0 : used
  }
}

/**
 * Calls bpf(2) on another thread, with memory of its own: for commands that may take seconds.
 * @param fill sets the attributes
 * @param action what is tried, for the error's message
 * @returns the result of the call
 * @throws SystemCallError
 */
export async function bpfOnThread(
  command: BpfCommand,
  fill: (attr: BpfAttr) => void,
  action: string,
): Promise<number> {
  const taken: Memory[] = []
  const attr = new BpfAttr((size) => {
    const memory = Memory.allocate(size)
    taken.push(memory)
    return memory
  })
  try {
    fill(attr)
    const { address, size } = attr.memory
    const { result, errno } = await syscallOnThread(systemCall.bpf, command, address, size, 0, 0)
    if (result < 0) throw new SystemCallError(action, errno, command)
    return result
  } finally {
    for (const memory of taken) memory.free()
  }
}

/**
 * Commands during which the kernel skips the programs of kprobes and perf events on the CPU
 * (bpf_disable_instrumentation in include/linux/bpf.h).
 */
const skippingCommands: ReadonlySet<BpfCommand> = new Set([
  bpfCommand.mapLookupElem,
  bpfCommand.mapUpdateElem,
  bpfCommand.mapDeleteElem,
  bpfCommand.mapLookupAndDeleteElem,
  bpfCommand.mapLookupBatch,
  bpfCommand.mapLookupAndDeleteBatch,
  bpfCommand.mapUpdateBatch,
  bpfCommand.mapDeleteBatch,
])

let usesRealTime = false

/**
 * Sets whether this thread has real-time priority in calls that read or change a map; it has not at
 * first. A kernel with preemption may interrupt such a call to run another task on the CPU, and
 * until the call ends it skips the kprobe programs of that task. Real-time priority prevents that,
 * at the cost of three more system calls.
 * @returns false: the thread may not take real-time priority, so nothing has changed
 */
export function useRealTimeForMapCalls(isWanted: boolean): boolean {
  if (isWanted && !canRunInRealTime()) return false
  usesRealTime = isWanted
  return true
}

/** bpf(2) with attributes in memory of the caller's: the hot path of map operations. */
export function bpfRaw(command: BpfCommand, attr: Memory): number {
  if (usesRealTime && skippingCommands.has(command)) return inRealTime(() => call(command, attr))
  return call(command, attr)
}

function call(command: BpfCommand, attr: Memory): number {
  return syscall(systemCall.bpf, command, attr.address, attr.size, 0, 0)
}

/** Size of the memory that {@link bpfRaw} expects for attributes. */
export const bpfAttrSize: number = attrSize
