// Prints who executes what, read from a ring buffer in place. Run as root, ends with Ctrl-C or
// after as many seconds as the argument says: node examples/exec-ring.mjs 5
import { Collection } from '@tetragon-ts/ebpf/collection'
import { program, RecordWriter, tpBtf } from '@tetragon-ts/ebpf/lang'
import { array, ringBuffer } from '@tetragon-ts/ebpf/maps'
import {
  arrayOf,
  reader,
  record,
  recordMemory,
  tail,
  u8,
  u32,
  u64,
} from '@tetragon-ts/ebpf/records'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { possibleCpus } from '@tetragon-ts/ebpf/sys'

// One declaration: the program stores into it, the reader below decodes it.
const Exec = record('exec', { pid: u32, parent: u32, time: u64, filename: tail })

const size = 1 << 20
const events = ringBuffer('events', { size })
const scratch = array('scratch', { value: arrayOf(u8, 8192), maxEntries: possibleCpus() })

const onExec = program('on_exec', tpBtf('sched_process_exec'), (k, task, _oldPid, bprm) => {
  const writer = new RecordWriter(k, Exec, k.scratch(scratch), 4095)
  writer.set({ pid: task.tgid, parent: task.real_parent.tgid, time: k.bootTime() })
  writer.tail('filename', (to) => {
    const copied = k.readKernelString(to, 4096, bprm.filename)
    return k.select(copied.signedGt(0), copied.sub(1), 0)
  })
  writer.send(events, 8191, () => {})
})

const collection = new Collection()
collection.attach(onExec)
const ring = new RingBufferReader(collection.map(events).fd.number, size)
const exec = reader(Exec, recordMemory(ring.bytes.buffer, ring.bytes.byteOffset))

const timer = setInterval(() => {
  ring.read((at) => {
    exec.at(at)
    const { offset, length } = exec.filename
    const name = Buffer.from(ring.bytes.subarray(offset, offset + length)).toString()
    console.log(`${exec.parent} → ${exec.pid}: ${JSON.stringify(name)}`)
  })
}, 50)
const stop = () => {
  clearInterval(timer)
  ring.close()
  collection.close()
}
process.once('SIGINT', stop)
if (process.argv[2]) setTimeout(stop, Number(process.argv[2]) * 1000)
