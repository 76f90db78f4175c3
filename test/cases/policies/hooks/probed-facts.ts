import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { counterOffset } from '../../user-probes/counter-offset.ts'

type Facts = Readonly<Record<string, string>>

let known: Facts | undefined

/** Locations of functions in the workload `probed`, and digests of its file. */
export function probedFacts(program: string): Facts {
  // Read once, because it takes an emulated processor a while.
  known ??= read(program)
  return known
}

function read(program: string): Facts {
  using elf = ElfFile.open(program)
  const [{ address }] = elf.symbols.find('takes_six')
  const [inside] = elf.symbols.find('takes_six_inside')
  return {
    address: String(address),
    offset: String(elf.offsetOf(address)),
    inside: String(inside.address - address),
    counter: String(counterOffset(program)),
    buildId: Buffer.from(elf.buildId ?? []).toString('hex'),
    sha256: createHash('sha256').update(readFileSync(program)).digest('hex'),
  }
}
