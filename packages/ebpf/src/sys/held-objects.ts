import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const kinds = {
  program: { link: 'anon_inode:bpf-prog', line: /^prog_id:\s*(\d+)/m },
  map: { link: 'anon_inode:bpf-map', line: /^map_id:\s*(\d+)/m },
} as const

/** An object that this process holds open. */
export interface HeldObject {
  readonly id: number
  /** Bytes of kernel memory, as /proc shows them; see `mapMemory`. */
  readonly memoryBytes: number
}

/** Programs or maps that this process has descriptors of, each once. Kernel 4.18 tells their ids. */
export function heldObjects(kind: keyof typeof kinds): HeldObject[] {
  const { link, line } = kinds[kind]
  const found = new Map<number, HeldObject>()
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`) !== link) continue
      const text = readFileSync(`/proc/self/fdinfo/${name}`, 'latin1')
      const id = Number(line.exec(text)?.[1])
      const memoryBytes = Number(/^memlock:\s*(\d+)/m.exec(text)?.[1] ?? 0)
      if (id > 0) found.set(id, { id, memoryBytes })
    } catch {
      // The descriptor was closed meanwhile, such as the one of the folder itself.
    }
  }
  return [...found.values()]
}
