import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { compile } from '@tetragon-ts/ebpf/lang'
import { entryScratch, execScratch } from '../kernel/maps.ts'
import { basicContent, processRecords } from '../records/process.ts'
import { execProgram } from './exec.ts'
import { exitProgram } from './exit.ts'
import { forkProgram } from './fork.ts'
import { runningProgram } from './running.ts'
import type { SensorSetup } from './setup.ts'
import { eachProcessWalk, iteratorWalk, pidWalk } from './walk/index.ts'

// The stack that a program needs depends on the kernel's features: testing all of them here finds
// programs that only another kernel would refuse.
const walks = [iteratorWalk(true), pidWalk('/proc')]
if (probe('each_process').answer === 'yes') walks.push(eachProcessWalk)
const everything = { executable: true, variables: true, session: true, layer: true }
// Without optional facts, numbers are kept on the stack.
const execs = [everything, basicContent.exec]
const reads = [{}, { directReads: true }, { directReads: true, openReads: true }]
const filtered = [false, true]
for (const way of reads) {
  for (const [bpfLoop, filters] of [false, true].flatMap((each) =>
    filtered.map((f) => [each, f]),
  )) {
    test(`the programs fit into the stack (${JSON.stringify({ ...way, bpfLoop, filters })})`, () => {
      for (const exec of execs) {
        const content = { namespaces: true, credentials: true, exec }
        const setup: SensorSetup = {
          hierarchy: { version: 2, id: 0 },
          content,
          records: processRecords(content),
          rate: { events: 1, interval: 1 },
          ringSize: 1 << 24,
          filters,
        }
        const programs = [
          execProgram({ setup, environment: true, scratch: execScratch(1) }),
          forkProgram(setup, entryScratch(1)),
          exitProgram(setup),
          ...walks.map((walk) => runningProgram(setup, entryScratch(1), walk)),
        ]
        for (const program of programs) {
          compile(program, { btf: Btf.open(), ...way, bpfLoop }, { mapFd: () => 1 })
        }
      }
    })
  }
}
