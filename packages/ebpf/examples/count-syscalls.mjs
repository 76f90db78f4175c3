// Counts system calls by number for a second. Run as root: node examples/count-syscalls.mjs
import { setTimeout } from 'node:timers/promises'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { array } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'

const counts = array('counts', { value: u64, maxEntries: 512 })
const sysEnter = tpBtf('sys_enter')
const count = program('count_syscalls', sysEnter, (k, _registers, number) => {
  const entry = k.lookup(counts, number)
  k.when(entry, () => k.increment(entry, 'value'))
})

const collection = new Collection()
collection.attach(count)
await setTimeout(1000)
for (const [number, hits] of collection.map(counts).entries()) {
  if (hits > 0n) console.log(`system call ${number}: ${hits}`)
}
collection.close()
