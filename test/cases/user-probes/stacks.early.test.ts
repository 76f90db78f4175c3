import assert from 'node:assert/strict'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { guestKernel, PolicyRun, type StartedProcess } from '@tetragon-ts/agent/testing'
import type { ProcessUprobe, StackTraceEntry } from '@tetragon-ts/api'
import { repositoryRoot } from '../../vm/repository.ts'
import { ownWorkload } from '../../workloads/index.ts'

type Stack = readonly StackTraceEntry[]

/** The bundler of this repository, which reads a program from its standard input. */
const goProgram = join(repositoryRoot, `node_modules/@esbuild/linux-${process.arch}/bin/esbuild`)
/** Of a process. */
const roundsMax = 100

describe('user stacks', () => {
  let run: PolicyRun
  let program: string
  before(async () => {
    run = await PolicyRun.start()
    program = await ownWorkload('probed', run.folder)
  })
  after(() => run?.stop())

  /** Uses a policy with the stack of one function. */
  async function withPolicy<T>(path: string, symbol: string, use: () => Promise<T>): Promise<T> {
    const policy = await run.loadAttached(policyOf(path, symbol))
    try {
      return await use()
    } finally {
      await run.unload(policy)
    }
  }

  /** The stacks of a process so far. */
  function stacksSince({ pid, since }: StartedProcess): Stack[] {
    const bodies = run.events
      .slice(since)
      .flatMap(({ key, body }) => (key === 'process_uprobe' ? [body as ProcessUprobe] : []))
    return bodies
      .filter(({ process }) => process?.pid === pid)
      .map(({ user_stack_trace }) => user_stack_trace ?? [])
  }

  /** Waits until there are stacks, as long as the machine needs. */
  async function waitFor(
    started: StartedProcess,
    isThere: (stacks: readonly Stack[]) => boolean,
  ): Promise<readonly Stack[]> {
    for (;;) {
      const stacks = stacksSince(started)
      if (isThere(stacks)) return stacks
      await sleep(10)
    }
  }

  /** Lets a process end that reads its standard input. */
  async function finish(started: StartedProcess): Promise<void> {
    started.child.stdin?.end('\n')
    await run.finish(started)
  }

  /**
   * Stacks of a process that calls itself to a depth. On a slow machine symbols are not there in
   * time for its first rounds, and those of some addresses later than those of others.
   */
  async function nestedStacks(started: StartedProcess, depth: number): Promise<readonly Stack[]> {
    for (let round = 1; round <= roundsMax; round++) {
      started.child.stdin?.write('\n')
      const all = await waitFor(started, ({ length }) => length === round * (depth + 1))
      const last = all.slice(-depth - 1)
      if (last.every(isNamedToMain)) return last
    }
    throw new Error(`read symbols: none in ${roundsMax} rounds`)
  }

  it('name the functions of a program, with offsets', async () => {
    await withPolicy(program, 'calls_itself', async () => {
      const started = run.spawn(program, rounds(3))
      const stacks = await nestedStacks(started, 3)
      await finish(started)
      const named = stacks.map((stack) => stack.filter(isOf('calls_itself')))
      for (const [depth, stack] of stacks.entries()) {
        assert.equal(named[depth].length, depth + 1)
        assert.ok(stack.every(({ address }) => address === undefined))
      }
      // The direct caller is there, also where the kernel omits it.
      const callers = stacks[0].map(({ symbol }) => symbol)
      assert.deepEqual(callers.slice(0, 3), ['calls_itself', 'run', 'main'])
      const [innermost, caller] = named[3]
      assert.equal(innermost.module, program)
      // The hook is at the start of the function.
      assert.equal(innermost.symbol_offset, undefined)
      const distance = Number(caller.offset) - Number(innermost.offset)
      assert.equal(distance, Number(caller.symbol_offset))
    })
  })

  it('name the functions of a program that was deleted', async () => {
    const copy = join(run.folder, 'deleted')
    copyFileSync(program, copy)
    await withPolicy(copy, 'calls_itself', async () => {
      const started = run.spawn(copy, rounds(0))
      rmSync(copy)
      const [stack] = await nestedStacks(started, 0)
      await finish(started)
      assert.equal(stack[0].symbol, 'calls_itself')
      assert.match(stack[0].module ?? '', / \(deleted\)$/)
    })
  })

  it('name the functions that Node.js compiles', async (t) => {
    if (guestKernel !== undefined) return t.skip('reading its symbols takes minutes in emulation')
    const script = `
      function outermostCaller() { process.kill(process.pid, 0) }
      const timer = setInterval(outermostCaller, 20)
      process.stdin.once('data', () => { clearInterval(timer); process.stdin.destroy() })`
    const options = ['--perf-basic-prof', '--interpreted-frames-native-stack', '-e', script]
    await withPolicy(process.execPath, 'uv_kill', async () => {
      const started = run.spawn(process.execPath, options)
      const map = `/tmp/perf-${started.pid}.map`
      try {
        const isNamed = ({ symbol = '' }: StackTraceEntry) => symbol.includes('outermostCaller')
        // The program's own symbols may be there later than those of its map.
        const isWhole = (stack: Stack) => stack[0]?.symbol !== undefined && stack.some(isNamed)
        const stacks = await waitFor(started, (all) => all.some(isWhole))
        await finish(started)
        const stack = stacks.find(isWhole) ?? []
        assert.equal(stack.find(isNamed)?.module, map)
        assert.equal(stack[0].symbol, 'uv_kill', JSON.stringify(stacks.slice(0, 3)))
        assert.equal(stack[0].module, process.execPath)
      } finally {
        rmSync(map, { force: true })
      }
    })
  })

  it('name the functions of a Go program without symbol table', async (t) => {
    if (guestKernel !== undefined) return t.skip('reading its symbols takes minutes in emulation')
    await withPolicy(goProgram, 'os.(*File).Read', async () => {
      const started = run.spawn(goProgram, ['--loader=js'])
      const isMain = isOf('main.main')
      const timer = setInterval(() => started.child.stdin?.write('f()\n'), 20)
      try {
        const stacks = await waitFor(started, (all) => all.some((stack) => stack.some(isMain)))
        const [innermost, ...callers] = stacks.find((stack) => stack.some(isMain)) ?? []
        assert.equal(innermost?.symbol, 'os.(*File).Read')
        assert.ok(callers.some(isOf('io.ReadAll')))
      } finally {
        clearInterval(timer)
        await finish(started)
      }
    })
  })

  it('have no frames of the program that the process executes next', async () => {
    await withPolicy(program, 'calls_itself', async () => {
      const nested = ['wait', '--', 'nested', '9', '--']
      const words = [...nested, ...nested, 'executes', '/bin/true']
      let isNamed = false
      for (let round = 1; !isNamed; round++) {
        assert.ok(round <= roundsMax, `no stack has names in ${roundsMax} rounds`)
        const started = run.spawn(program, words)
        started.child.stdin?.write('\n')
        await waitFor(started, ({ length }) => length === 10)
        await finish(started)
        const stacks = stacksSince(started)
        assert.equal(stacks.length, 20)
        for (const { module = program } of stacks.flat()) assert.equal(module, program)
        // On a slow machine, mappings may have been read again after the process has executed the
        // other program.
        isNamed = stacks.slice(10).every((stack) => stack.some(({ module }) => module === program))
      }
    })
  })

  it('do not use names of a hostile map for code of files', async () => {
    await withPolicy(program, 'calls_itself', async () => {
      const started = run.spawn(program, rounds(1))
      const map = `/tmp/perf-${started.pid}.map`
      writeFileSync(map, '0 ffffffff all\n\u0000\n'.repeat(100_000))
      try {
        const stacks = await nestedStacks(started, 1)
        await finish(started)
        assert.ok(stacks.flat().every(({ symbol }) => symbol !== 'all'))
      } finally {
        rmSync(map, { force: true })
      }
    })
  })
})

/** Words of a process that waits for input, and then calls itself, in each round. */
function rounds(depth: number): string[] {
  const round = ['wait', '--', 'nested', `${depth}`, '--']
  return [...Array.from({ length: roundsMax }, () => round).flat(), 'wait']
}

/** Whether all functions that `main` has called, and itself, have their names. */
function isNamedToMain(stack: Stack): boolean {
  const depth = stack.findIndex(isOf('main'))
  return depth >= 0 && stack.slice(0, depth).every(({ symbol }) => symbol !== undefined)
}

function isOf(name: string): (frame: StackTraceEntry) => boolean {
  return ({ symbol }) => symbol === name
}

function policyOf(path: string, symbol: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: stacks
spec:
  uprobes:
  - path: ${path}
    symbols: ['${symbol}']
    selectors:
    - matchActions: [{action: Post, userStackTrace: true}]
`
}
