// The baseline of the reader: a thread that consumes the records of the ring and only counts them.
// It accepts the commands of the agent's worker.

import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import {
  awaitBeginning,
  type Command,
  Counters,
  type Report,
  type WorkerOptions,
} from '@tetragon-ts/agent/reader'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { Doorbell } from '@tetragon-ts/ebpf/sys'

const port = parentPort!
const options = awaitBeginning<WorkerOptions>(port)!
const ring = new RingBufferReader(
  options.ringFd,
  options.ringSize,
  new Doorbell(options.doorbellFd),
)
const counters = new Counters(options.counters)
const send = (report: Report): void => port.postMessage(report)
let records = 0
const count = (): void => {
  records++
}

send({ kind: 'ready' })
for (let stopped = false; !stopped; ) {
  const wakeup = ring.wait(1000)
  ring.read(count)
  counters.set('records', records)
  if (wakeup !== 'doorbell') continue
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    const command: Command = next.message
    if (command.kind === 'discovered') send({ kind: 'discovered' })
    else stopped = true
  }
}
ring.close()
port.close()
