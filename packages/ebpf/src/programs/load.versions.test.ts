import assert from 'node:assert/strict'
import { Session } from 'node:inspector/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  add,
  assemble,
  call,
  exit,
  helper,
  type Item,
  load,
  loadMapValue,
  mov,
  programType,
  r0,
  r1,
  r2,
  r3,
  storeImm,
} from '../asm/index.ts'
import { BtfBuilder, encodeFuncInfo, encodeLineInfo } from '../btf/index.ts'
import { EbpfError } from '../errors/index.ts'
import { SystemCallError } from '../sys/index.ts'
import { array, attachRawTracepoint, createMap, u32 } from '../testing/index.ts'
import {
  BtfLoadError,
  enableRunStats,
  listPrograms,
  loadBtf,
  loadProgram,
  VerifierError,
} from './index.ts'

const rawTracepoint = (name: string, items: Item[]) => ({
  type: programType.rawTracepoint,
  name,
  code: assemble(items).bytes,
})

test('a loaded program has its name, type and figures', () => {
  using program = loadProgram(rawTracepoint('figures', [mov(r0, 7), exit()]))
  const info = program.info()
  assert.equal(info.name, 'figures')
  assert.equal(info.type, 'rawTracepoint')
  assert.ok(info.instructions >= 2)
  assert.ok(info.loadTime > 0n)
  assert.ok(listPrograms().some((it) => it.id === info.id && it.name === 'figures'))
  assert.equal(program.verifierLog, undefined)
})

test('test runs hand over arguments and give the result', () => {
  const code = [load(8, r0, r1, 0), load(8, r2, r1, 8), add(r0, r2), exit()]
  using program = loadProgram(rawTracepoint('sum', code))
  const context = new Uint8Array(BigUint64Array.of(40n, 2n).buffer)
  assert.equal(program.testRun({ context }).returnValue, 42)
  assert.equal(program.testRun({ context, cpu: 0 }).returnValue, 42)
  assert.throws(() => program.testRun({ repeat: 3 }), /^SystemCallError: test program sum: EINVAL/)

  using filter = loadProgram({
    type: programType.socketFilter,
    name: 'length',
    code: assemble([load(4, r0, r1, 0), exit()]).bytes,
  })
  const result = filter.testRun({ data: new Uint8Array(64).fill(1), repeat: 100 })
  assert.equal(result.returnValue, 64 - 14)
  assert.equal(result.data.length, 64)
})

test('run statistics count', () => {
  using seen = createMap(array('seen', { value: u32 }))
  using program = loadProgram(
    rawTracepoint('counted', [
      loadMapValue(r1, seen.fd.number, 0),
      storeImm(4, r1, 0, 1),
      mov(r0, 0),
      exit(),
    ]),
  )
  using link = attachRawTracepoint(program, 'sys_enter')
  assert.equal(link.target, 'sys_enter')
  const stats = enableRunStats()
  process.cpuUsage()
  listPrograms()
  stats[Symbol.dispose]()
  const { runCount, runTimeNs } = program.info()
  assert.equal(seen.lookup(0), 1)
  assert.ok(runCount > 0n && runTimeNs > 0n)
})

test('the error of a refused program has the line, the position and the whole log', () => {
  const code = [mov(r0, 0), mov(r2, 1), add(r2, r3), exit()]
  const positions = (slot: number) => (slot === 2 ? 'sensors/exec.ts:12:5' : undefined)
  assert.throws(
    () => loadProgram({ ...rawTracepoint('bad', code), positions }),
    (error) => {
      assert.ok(error instanceof VerifierError)
      assert.equal(error.code, 'EBPF_VERIFIER')
      assert.equal(error.errno, 'EACCES')
      assert.equal(error.reason, 'R3 !read_ok')
      assert.equal(error.slot, 2)
      assert.match(
        error.message,
        /^load program bad: EACCES \(permission denied\): R3 !read_ok\n {2}at sensors\/exec\.ts:12:5 /,
      )
      assert.match(error.message, /\n {2}\| 2: \(0f\) r2 \+= r3/)
      assert.ok(error.log.includes('0: (b7) r0 = 0'))
      return true
    },
  )
})

test('a log larger than the first buffer is still whole', () => {
  const code: Item[] = []
  for (let i = 0; i < 3000; i++) code.push(mov(r2, i))
  const options = rawTracepoint('long', [...code, mov(r0, 0), exit()])
  using program = loadProgram({ ...options, logLevel: 2 })
  assert.ok(program.verifierLog!.length > 1 << 16)
  assert.match(program.verifierLog!, /processed 3002 insns/)
  assert.throws(
    () => loadProgram({ ...rawTracepoint('late', [...code, add(r2, r3), exit()]), logLevel: 2 }),
    (error) => error instanceof VerifierError && error.slot === 3000 && /^0: /m.test(error.log),
  )
})

test('a refusal without a log is the system call error', () => {
  assert.throws(
    () => loadProgram({ ...rawTracepoint('none', [mov(r0, 0), exit()]), type: 9999 }),
    (error) => error instanceof SystemCallError && /^load program none: E/.test(error.message),
  )
  assert.throws(
    () => loadProgram({ type: programType.kprobe, name: 'odd', code: new Uint8Array(9) }),
    (error) => error instanceof EbpfError && error.code === 'EBPF_PROGRAM_CODE',
  )
})

test('a licence that is not of the GPL family may not call GPL helpers', () => {
  const options = rawTracepoint('free', [call(helper.get_current_task), exit()])
  loadProgram(options).close()
  assert.throws(() => loadProgram({ ...options, license: 'Proprietary' }), /GPL/)
})

test('types name functions and lines in the log', () => {
  const builder = new BtfBuilder()
  const int = builder.int('int', 4, { signed: true })
  const proto = builder.funcProto(int, [{ name: 'ctx', typeId: builder.pointer(0) }])
  const typeId = builder.func('policy', proto)
  const fileName = builder.string('policy.yaml')
  const lineText = builder.string('match: /etc/passwd')
  const btf = {
    blob: new Uint8Array(),
    funcInfo: encodeFuncInfo([{ slot: 0, typeId }]),
    lineInfo: encodeLineInfo([{ slot: 0, fileName, lineText, line: 3, column: 1 }]),
  }
  using program = loadProgram({
    ...rawTracepoint('typed', [mov(r0, 0), exit()]),
    btf: { ...btf, blob: builder.bytes() },
    logLevel: 2,
  })
  assert.match(program.verifierLog!, /; match: \/etc\/passwd/)
})

test('the error of refused type information has the reason', () => {
  const builder = new BtfBuilder()
  builder.pointer(77)
  assert.throws(
    () => loadBtf(builder.bytes()),
    (error) =>
      error instanceof BtfLoadError &&
      error.code === 'EBPF_BTF_LOAD' &&
      /^load BTF: E\w+ \(.*\): .+/.test(error.message),
  )
})

test('no code crashes the loader', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (code) => {
      try {
        loadProgram({ type: programType.socketFilter, name: 'fuzz', code }).close()
      } catch (error) {
        assert.ok(error instanceof EbpfError, String(error))
      }
    }),
    { numRuns: 200 },
  )
})

test('a program is loaded however fast signals arrive', async () => {
  const steps = Array.from({ length: 50_000 }, (_, i) => mov(r0, i))
  const long = rawTracepoint('long', [...steps, exit()])
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 100 })
  await session.post('Profiler.start')
  try {
    for (let i = 0; i < 5; i++) loadProgram(long).close()
  } finally {
    await session.post('Profiler.stop')
    session.disconnect()
  }
})
