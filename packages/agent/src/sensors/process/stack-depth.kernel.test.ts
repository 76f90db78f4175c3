import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { compile } from '@tetragon-ts/ebpf/lang'
import { execProgram } from './exec.ts'
import { execScratch } from './maps.ts'
import { processRecords } from './records.ts'

// What a kernel offers decides how much of the stack is needed: the same check for all of them here
// finds a program that only another kernel refuses.
for (const directReads of [false, true]) {
  for (const bpfLoop of [false, true]) {
    test(`the largest program fits into the stack (${JSON.stringify({ directReads, bpfLoop })})`, () => {
      const content = { namespaces: true, credentials: true, ancestors: true }
      const program = execProgram({
        setup: {
          hierarchy: { version: 2 },
          content,
          records: processRecords(content),
          rate: { events: 1, interval: 1 },
          ringSize: 1 << 24,
        },
        environment: true,
        scratch: execScratch(1),
      })
      compile(program, { btf: Btf.open(), directReads, bpfLoop }, { mapFd: () => 1 })
    })
  }
}
