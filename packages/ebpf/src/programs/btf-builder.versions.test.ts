import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as asm from '../asm/index.ts'
import { label, place, r0, r1, r2, r3, r6 } from '../asm/index.ts'
import { BtfBuilder } from '../btf/builder.ts'
import {
  encodeFuncInfo,
  encodeLineInfo,
  FUNC_INFO_SIZE,
  LINE_INFO_SIZE,
} from '../btf/program-info.ts'
import { type BpfAttr, bpf, bpfCommand, Fd, SystemCallError } from '../sys/index.ts'

const SOCKET_FILTER = 1
const LOG_SIZE = 1 << 16

/** Sums 1 to 10 in a function of its own, called from the main one. */
function sumProgram() {
  const sum = label('sum')
  const loop = label('loop')
  return asm.assemble([
    asm.loadImm64(r6, 0x1_0000_000an),
    asm.mov32(r1, r6),
    asm.callLocal(sum),
    asm.exit(),
    place(sum),
    asm.mov(r0, 0),
    asm.mov(r2, 0),
    place(loop),
    asm.add(r2, 1),
    asm.add(r0, r2),
    asm.mov(r3, r2),
    asm.jumpIf('lt', r3, 10, loop, { bits: 32 }),
    asm.exit(),
  ])
}

function describeProgram(calleeSlot: number) {
  const builder = new BtfBuilder()
  const int = builder.int('int', 4, { signed: true })
  const proto = builder.funcProto(int, [{ name: 'ctx', typeId: builder.pointer(0) }])
  const main = builder.func('main', proto, 'global')
  const sum = builder.func('sum', builder.funcProto(int, [{ name: 'n', typeId: int }]))
  const fileName = builder.string('sum.ts')
  const functions = encodeFuncInfo([
    { slot: 0, typeId: main },
    { slot: calleeSlot, typeId: sum },
  ])
  const lines = encodeLineInfo([
    { slot: 0, fileName, lineText: builder.string('return sum(10)'), line: 1, column: 1 },
    { slot: calleeSlot, fileName, lineText: builder.string('let total = 0'), line: 7, column: 3 },
  ])
  return { btf: builder.bytes(), functions, lines }
}

function loadBtf(bytes: Uint8Array): Fd {
  const fill = (attr: BpfAttr) => {
    attr.copy(0, bytes)
    attr.u32(16, bytes.length)
  }
  return new Fd(bpf(bpfCommand.btfLoad, fill, 'load BTF'))
}

/** Loads the code as a socket filter; also gives the verifier's log. */
function loadProgram(code: asm.Assembled, btf: Fd, functions: Uint8Array, lines: Uint8Array) {
  const fill = (attr: BpfAttr) => {
    attr.u32(0, SOCKET_FILTER).u32(4, code.count)
    attr.copy(8, code.bytes)
    attr.string(16, 'GPL')
    attr.u32(24, 2).u32(28, LOG_SIZE)
    log = attr.space(32, LOG_SIZE)
    attr.u32(72, btf.number).u32(76, FUNC_INFO_SIZE)
    attr.copy(80, functions)
    attr.u32(88, functions.length / FUNC_INFO_SIZE).u32(92, LINE_INFO_SIZE)
    attr.copy(96, lines)
    attr.u32(104, lines.length / LINE_INFO_SIZE)
  }
  let log: { readonly bytes: Uint8Array } | undefined
  const logText = () =>
    Buffer.from(log?.bytes ?? [])
      .toString('latin1')
      .replace(/\0.*$/s, '')
  return bpf(
    bpfCommand.progLoad,
    fill,
    () => `load program (${logText()})`,
    (fd) => ({ program: new Fd(fd), log: logText() }),
  )
}

function run(program: Fd): number {
  const fill = (attr: BpfAttr) => {
    attr.u32(0, program.number).u32(8, 64).u32(12, 64)
    attr.space(16, 64)
    attr.space(24, 64)
  }
  return bpf(bpfCommand.progTestRun, fill, 'run program', (_, attr) =>
    attr.memory.view.getUint32(4, true),
  )
}

test('the kernel takes code, BTF, function and line information, and runs it', (t) => {
  const code = sumProgram()
  const calleeSlot = code.instructionOffsets[4]
  const info = describeProgram(calleeSlot)
  let btf: Fd
  try {
    btf = loadBtf(info.btf)
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'EPERM') return t.skip(error.message)
    throw error
  }
  const { program, log } = loadProgram(code, btf, info.functions, info.lines)
  try {
    assert.match(log, /; return sum\(10\)/)
    assert.match(log, /; let total = 0/)
    assert.equal(run(program), 55)
  } finally {
    program.close()
    btf.close()
  }
})

test('the kernel takes BTF with a type of each kind that programs use', (t) => {
  const builder = new BtfBuilder()
  const int = builder.int('int', 4, { signed: true })
  const array = builder.array(int, int, 4)
  const struct = builder.struct('pair', 24, [
    { name: 'first', typeId: int, bitOffset: 0, bitSize: 3 },
    { name: 'second', typeId: int, bitOffset: 3, bitSize: 29 },
    { name: 'rest', typeId: array, bitOffset: 64 },
  ])
  builder.union('either', 4, [{ name: 'value', typeId: int, bitOffset: 0 }])
  builder.enum('state', 4, { IDLE: 0, BUSY: 7 })
  builder.forward('later', 'struct')
  builder.typedef('pair_t', builder.reference('const', struct))
  builder.pointer(builder.reference('volatile', struct))
  const variable = builder.variable('root', struct, 'global')
  builder.datasec('.data', 24, [{ typeId: variable, offset: 0, size: 24 }])
  try {
    loadBtf(builder.bytes()).close()
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'EPERM') return t.skip(error.message)
    throw error
  }
})
