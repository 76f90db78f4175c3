import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCodeOf } from '../error-codes.ts'
import { cpioCharacterDevice, cpioDirectory, cpioFile, writeCpio } from './cpio.ts'
import { FileFollower } from './follow-file.ts'
import { type GuestTask, initScript, runFiles, startScript } from './guest-scripts.ts'
import { type KernelImage, kernelImages } from './kernel-image.ts'
import { hostArchitecture } from './kernels.ts'
import { ProcessorMeter } from './processor-time.ts'
import { qemuArguments, virtiofsd, virtiofsdArguments } from './qemu.ts'
import { cachePath, repositoryRoot } from './repository.ts'
import { makeWorkFolder } from './work-folder.ts'

/** A command and its virtual machine. */
export interface VmOptions {
  /** Name in the kernel matrix, e.g. `6.12`, or a custom image. */
  readonly kernel: string | KernelImage
  /** Program and arguments; the guest sees the host's files, so paths are the host's. */
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Working directory of the command; default: the repository. */
  readonly cwd?: string
  /**
   * Folders that the guest may write. Everything else of the host is read-only; /tmp is the
   * guest's.
   */
  readonly writable?: readonly string[]
  /** Default 2. */
  readonly cpus?: number
  /** Default 3072. */
  readonly memoryMiB?: number
  /** Default ten minutes; then the machine is killed. */
  readonly timeoutMs?: number
  /** One processor whose clock counts instructions (QEMU's -icount). */
  readonly icount?: boolean
  /** Further arguments for QEMU. */
  readonly qemuArgs?: readonly string[]
  /** Command line that runs QEMU's, e.g. in another network namespace; default: none. */
  readonly enter?: readonly string[]
  /** Kills the machine. */
  readonly signal?: AbortSignal
  /** Receives the output of the command (stdout and stderr in one stream) while it runs. */
  readonly onOutput?: (text: string) => void
}

/** Result of a command in a virtual machine. */
export interface VmResult {
  /** Exit code of the command; 128 plus the number of the signal that ended it. */
  readonly exitCode: number
  /** Output of the command, stdout and stderr combined. */
  readonly output: string
  /** Milliseconds from the start of QEMU to its end. */
  readonly durationMs: number
  /** Milliseconds that the guest needed until the command started, by the guest's clock. */
  readonly bootMs: number
  /** Processor time of QEMU and virtiofsd in milliseconds. */
  readonly processorMs: number
}

/** The machine ended without an exit code of the command: it crashed, hung or did not boot. */
export class VmError extends Error {
  readonly code: ErrorCodeOf<'VmError'> = 'VM_FAILED'
  override readonly name = 'VmError'
  /** End of the kernel's console. */
  readonly console: string
  /** Output of the command until then. */
  readonly output: string

  constructor(message: string, consoleTail: string, output: string) {
    super(message)
    this.console = consoleTail
    this.output = output
  }
}

/**
 * Boots a Debian kernel in QEMU with software emulation and the host's root as its own, runs a
 * command as root and powers off. Needs root, and the packages of `npm run setup vm`. QEMU and
 * virtiofsd end with this process.
 * @throws VmError if there is no exit code, KernelMissingError if the archive has no such kernel
 */
export async function runInVm(options: VmOptions): Promise<VmResult> {
  const kernel = await resolveKernel(options.kernel)
  const runFolder = await makeWorkFolder(cachePath('vm'), kernel.name)
  try {
    return await boot(kernel, runFolder, options)
  } finally {
    await rm(runFolder, { recursive: true, force: true })
  }
}

async function resolveKernel(kernel: string | KernelImage): Promise<KernelImage> {
  if (typeof kernel !== 'string') return kernel
  const image = (await kernelImages([kernel])).get(kernel)!
  if (image instanceof Error) throw image
  return image
}

async function boot(kernel: KernelImage, runFolder: string, options: VmOptions): Promise<VmResult> {
  await writeInitramfs(kernel, {
    command: options.command,
    env: options.env ?? {},
    cwd: options.cwd ?? repositoryRoot,
    repository: repositoryRoot,
    runFolder,
    writable: options.writable ?? [],
  })
  const started = performance.now()
  // Socket paths are limited to 108 bytes, so both programs run in the folder and use relative
  // names.
  const socket = 'root.sock'
  const server = start(virtiofsd, virtiofsdArguments(socket), runFolder, 'virtiofsd.log')
  const meter = new ProcessorMeter()
  meter.add(server.pid)
  let output = ''
  const follower = new FileFollower(join(runFolder, runFiles.output), (text) => {
    output += text
    options.onOutput?.(text)
  })
  let machine: ChildProcess | undefined
  let stopped: string
  let processorMs = 0
  try {
    await waitForSocket(join(runFolder, socket), server, runFolder)
    const architecture = hostArchitecture()
    const args = qemuArguments({
      architecture,
      cpus: options.cpus ?? 2,
      memoryMiB: options.memoryMiB ?? 3072,
      icount: options.icount ?? false,
      image: kernel.image,
      initramfs: 'initramfs.cpio',
      socket,
      console: runFiles.console,
      extra: options.qemuArgs ?? [],
    })
    const command = [...(options.enter ?? []), architecture.qemu, ...args]
    machine = start(command[0]!, command.slice(1), runFolder, 'qemu.log')
    meter.add(machine.pid)
    stopped = await endOf(machine, options.timeoutMs ?? 600_000, options.signal)
  } finally {
    processorMs = meter.stop()
    await Promise.all([machine, server].map(stop))
    follower.stop()
  }
  const durationMs = performance.now() - started
  const exitCode = await readNumber(join(runFolder, runFiles.exitCode))
  if (exitCode === undefined) {
    const tail = await consoleTail(runFolder)
    throw new VmError(`run in kernel ${kernel.release}: ${stopped}`, tail, output)
  }
  const bootMs = ((await readNumber(join(runFolder, runFiles.uptime))) ?? 0) * 1000
  return { exitCode, output, durationMs, bootMs, processorMs }
}

async function writeInitramfs(kernel: KernelImage, task: GuestTask): Promise<void> {
  const modules = kernel.modules.map((path) => ({ path, name: basename(path) }))
  const init = initScript(
    task,
    modules.map((module) => module.name),
  )
  const entries = [
    ...['bin', 'dev', 'host', 'modules', 'proc', 'repository'].map(cpioDirectory),
    cpioCharacterDevice('dev/console', 5, 1),
    cpioFile('bin/busybox', await readFile('/bin/busybox'), 0o755),
    cpioFile('init', Buffer.from(init), 0o755),
  ]
  for (const { path, name } of modules) {
    entries.push(cpioFile(`modules/${name}`, await readFile(path)))
  }
  await writeFile(join(task.runFolder, 'initramfs.cpio'), writeCpio(entries))
  await writeFile(join(task.runFolder, runFiles.start), startScript(task))
}

/**
 * Starts a program that the kernel kills when this process ends, even if it is killed. It has a
 * session of its own: the scheduler divides the processors among sessions, and each test has one.
 */
function start(program: string, args: readonly string[], folder: string, log: string) {
  const output = openSync(join(folder, log), 'w')
  const all = ['--pdeathsig', 'KILL', program, ...args]
  const stdio = ['ignore', output, output] satisfies StdioOptions
  return spawn('setpriv', all, { cwd: folder, stdio, detached: true })
}

/** Kills a program, and waits until it has ended. */
async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function waitForSocket(path: string, server: ChildProcess, folder: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 10) {
    if (server.exitCode !== null) break
    try {
      return await access(path)
    } catch {
      await delay(10)
    }
  }
  const log = (await readFile(join(folder, 'virtiofsd.log'), 'utf8')).trim()
  throw new VmError('start virtiofsd: it offers no socket', log, '')
}

/** Waits until QEMU ends, or kills it after the time limit or by the signal; returns the reason. */
function endOf(
  machine: ChildProcess,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let killed: string | undefined
    const kill = (reason: string) => {
      killed = reason
      machine.kill('SIGKILL')
    }
    const timer = setTimeout(
      () => kill(`timed out after ${Math.round(timeoutMs / 1000)} s`),
      timeoutMs,
    )
    const abort = () => kill('aborted')
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    machine.on('error', (error) => reject(new Error(`start QEMU: ${error.message}`)))
    machine.on('exit', (exitCode, signalName) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      const how = signalName ?? `exit code ${exitCode}`
      resolve(killed ?? `the machine stopped (QEMU: ${how}) before the command ended`)
    })
  })
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.trim() === '' ? undefined : Number(text)
}

async function consoleTail(runFolder: string): Promise<string> {
  const read = (name: string) => readFile(join(runFolder, name), 'utf8').catch(() => '')
  const text = (await read(runFiles.console)) + (await read('qemu.log'))
  return text.trim().split(/\r?\n/).slice(-100).join('\n')
}
