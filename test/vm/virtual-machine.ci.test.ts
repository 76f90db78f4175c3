import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { until } from '@tetragon-ts/agent/testing'
import { type KernelImage, KernelMissingError, kernelImages } from './kernel-image.ts'
import { testVariables } from './target.ts'
import { runInVm, VmError } from './virtual-machine.ts'

/** A kernel to boot; undefined if the case was skipped. */
async function kernelFor(context: TestContext): Promise<KernelImage | undefined> {
  if (process.env[testVariables.kernel] !== undefined) {
    context.skip('in a guest: no virtual machine inside of a virtual machine')
    return undefined
  }
  const kernel = (await kernelImages(['6.12'])).get('6.12')!
  if (!(kernel instanceof Error)) return kernel
  if (!(kernel instanceof KernelMissingError)) throw kernel
  context.skip(kernel.message)
  return undefined
}

/** Reads the command line of a process if its environment has a variable. */
const commandWith = (variable: string) => async (pid: string) => {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
  if (!(await read('environ')).split('\0').includes(variable)) return undefined
  return (await read('cmdline')).replaceAll('\0', ' ')
}

describe('runInVm', () => {
  it('brings back exit code and output', async (context) => {
    const kernel = await kernelFor(context)
    if (kernel === undefined) return
    const seen: string[] = []
    const result = await runInVm({
      kernel,
      command: ['sh', '-c', 'uname -r; echo "$0 $WORD" >&2; exit 3', "it's"],
      env: { WORD: 'a  b' },
      timeoutMs: 60_000,
      onOutput: (text) => seen.push(text),
    })
    assert.equal(result.exitCode, 3)
    assert.equal(result.output, `${kernel.release}\nit's a  b\n`)
    assert.equal(seen.join(''), result.output)
    assert.ok(result.bootMs > 0 && result.bootMs < result.durationMs)
  })

  it('kills a machine that takes too long', async (context) => {
    const kernel = await kernelFor(context)
    if (kernel === undefined) return
    const command = ['sh', '-c', 'sleep 600']
    await assert.rejects(runInVm({ kernel, command, timeoutMs: 3000 }), (error) => {
      assert.ok(error instanceof VmError)
      assert.match(error.message, /timed out after 3 s/)
      return true
    })
  })

  it('kills a machine on request, and leaves no process', async (context) => {
    const kernel = await kernelFor(context)
    if (kernel === undefined) return
    const mark = 'MARK=machine-of-this-test'
    const marked = async () => {
      const commands = await Promise.all((await readdir('/proc')).map(commandWith(mark)))
      return commands.filter((command) => command !== undefined)
    }
    const abort = new AbortController()
    const machine = runInVm({
      kernel,
      command: ['sh', '-c', 'sleep 600'],
      enter: ['env', mark],
      signal: abort.signal,
    })
    const aborted = assert.rejects(machine, /^VmError: run in kernel 6\.12\S+: aborted$/)
    // It need not boot for this.
    const isUp = async () => (await marked()).some((command) => command.startsWith('qemu-system-'))
    await until('the machine runs', isUp)
    abort.abort()
    await aborted
    assert.deepEqual(await marked(), [])
  })

  it('reports a kernel that panics, with the end of its console', async (context) => {
    const kernel = await kernelFor(context)
    if (kernel === undefined) return
    const command = ['sh', '-c', 'echo c >/proc/sysrq-trigger']
    await assert.rejects(runInVm({ kernel, command, timeoutMs: 60_000 }), (error) => {
      assert.ok(error instanceof VmError)
      assert.match(error.message, /before the command ended/)
      assert.match(error.console, /Kernel panic - not syncing: sysrq triggered crash/)
      return true
    })
  })
})
