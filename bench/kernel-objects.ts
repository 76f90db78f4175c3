import { readdirSync, readFileSync } from 'node:fs'
import { listMaps } from '@tetragon-ts/ebpf/open-maps'
import { LoadedProgram, listPrograms } from '@tetragon-ts/ebpf/programs'
import { describeAll, objectById } from '@tetragon-ts/ebpf/sys'

/** A program that a process holds. */
export interface HeldProgram {
  readonly name: string
  readonly instructions: number
  readonly verifiedInstructions: number
  /** Counted while run statistics are enabled. */
  readonly runTimeNs: number
  readonly runCount: number
}

/** A map that a process holds. */
export interface HeldMap {
  readonly id: number
  readonly name: string
  readonly type: string
  /** Kernel memory in bytes; exact since Linux 6.4. */
  readonly memory: number
}

/** Programs that a process has descriptors of. Needs CAP_SYS_ADMIN. */
export function programsOf(pid: number): HeldProgram[] {
  const listed = new Map(listPrograms().map((program) => [program.id, program.name]))
  return held(pid, 'prog_id').flatMap(({ id }) => {
    const fd = objectById('program', id)
    if (fd === undefined) return []
    using program = new LoadedProgram(listed.get(id) ?? '', 0, fd)
    const { instructions, verifiedInstructions, runTimeNs, runCount } = program.info()
    const runs = { runTimeNs: Number(runTimeNs), runCount: Number(runCount) }
    return [{ name: program.name, instructions, verifiedInstructions, ...runs }]
  })
}

/** Maps that a process has descriptors of. Needs CAP_SYS_ADMIN. */
export function mapsOf(pid: number): HeldMap[] {
  const listed = new Map(listMaps().map((map) => [map.id, map]))
  return held(pid, 'map_id').map(({ id, text }) => {
    const map = listed.get(id)
    const memory = lockedMemory(text)
    return { id, name: map?.name ?? '', type: map?.type ?? '', memory }
  })
}

/** Kernel memory in bytes of all maps of a process except ring buffers. */
export function mapMemory(pid: number): number {
  return mapsOf(pid)
    .filter(({ type }) => type !== 'ringBuffer')
    .reduce((sum, { memory }) => sum + memory, 0)
}

/** Memory of all BPF objects of the machine; each object counts once. */
export interface ObjectMemory {
  /** Bytes of maps except ring buffers; exact since Linux 6.4. */
  readonly maps: number
  /** Bytes of programs, in whole pages. */
  readonly programs: number
  /** Links; the kernel does not report their size, which is some hundred bytes each. */
  readonly links: number
}

/**
 * Memory of all BPF objects according to fdinfo, whether held by processes or files. Needs
 * CAP_SYS_ADMIN. An object that disappears during the walk is skipped.
 */
export function machineMemory(): ObjectMemory {
  const maps = listMaps().filter(({ type }) => type !== 'ringBuffer')
  const sum = (kind: 'map' | 'program', ids: readonly number[]): number =>
    ids.reduce((total, id) => total + memoryOf(kind, id), 0)
  return {
    maps: sum(
      'map',
      maps.map(({ id }) => id),
    ),
    programs: sum(
      'program',
      listPrograms().map(({ id }) => id),
    ),
    links: describeAll('link', () => true).length,
  }
}

function memoryOf(kind: 'map' | 'program', id: number): number {
  const fd = objectById(kind, id)
  if (fd === undefined) return 0
  using open = fd
  return lockedMemory(readDescriptor(`/proc/self/fdinfo/${open.number}`))
}

function lockedMemory(text: string): number {
  return Number(/^memlock:\s*(\d+)/m.exec(text)?.[1] ?? 0)
}

/** Objects by id from a process's descriptors; each once, even with several descriptors. */
function held(pid: number, field: 'prog_id' | 'map_id'): { id: number; text: string }[] {
  const folder = `/proc/${pid}/fdinfo`
  const found = new Map<number, string>()
  for (const name of readdirSync(folder)) {
    const text = readDescriptor(`${folder}/${name}`)
    // Links also name their program; only programs have a type.
    if (/^link_type:/m.test(text)) continue
    const id = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(text)?.[1]
    if (id !== undefined) found.set(Number(id), text)
  }
  return [...found].map(([id, text]) => ({ id, text }))
}

/** The kernel's information about a descriptor; nothing if it is closed. */
function readDescriptor(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
