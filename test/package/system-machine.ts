import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ProgramResult, runOrThrow, runProgram } from '@tetragon-ts/test/archives'

/** Milliseconds until a machine has started: seconds if this one is idle. */
const startLimit = 300_000

/** Units that would change the kernel or the devices of this machine. */
const masked = [
  ...['systemd-binfmt.service', 'proc-sys-fs-binfmt_misc.automount', 'systemd-sysctl.service'],
  ...['systemd-modules-load.service', 'kmod-static-nodes.service', 'systemd-udevd.service'],
  ...['systemd-udev-trigger.service', 'systemd-tmpfiles-setup-dev.service', 'getty.target'],
  ...['systemd-tmpfiles-setup-dev-early.service', 'console-getty.service'],
]

/**
 * Runs systemd as the first process of its own namespaces. Its files are those of this machine with
 * a layer above them, devices are a few harmless ones, and settings of the kernel are read-only.
 * $1 is an empty folder; the rest are files for its folder /root.
 */
const script = `set -e
work=$1
shift
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/layer" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/layer" "$work/root"
root=$work/root
mkdir -p "$root/root" "$root/procHost" "$root/oldroot"
for file in "$@"; do cp "$file" "$root/root/"; done
mount --bind /proc "$root/procHost"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t bpf bpf "$root/sys/fs/bpf"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
ip link set lo up
cd "$root"
rm -rf etc/systemd/system usr/sbin/policy-rc.d var/lib/man-db/auto-update
mkdir etc/systemd/system
for unit in ${masked.join(' ')}; do ln -s /dev/null "etc/systemd/system/$unit"; done
ln -s /usr/lib/systemd/system/multi-user.target etc/systemd/system/default.target
mount --make-rprivate .
pivot_root . oldroot
umount -l /oldroot
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/lib/systemd/systemd
`

/** A machine with systemd, in namespaces of its own on this machine's kernel. */
export class SystemMachine {
  readonly #child: ChildProcess
  readonly #pid: number
  readonly #folder: string
  readonly #cgroup: string

  private constructor(child: ChildProcess, pid: number, folder: string, cgroup: string) {
    this.#child = child
    this.#pid = pid
    this.#folder = folder
    this.#cgroup = cgroup
  }

  /**
   * Starts it, and waits until its services are started.
   * @param files are copied to its folder /root
   * @throws Error with the output of the script, or with the state after the time limit
   */
  static async start(files: readonly string[]): Promise<SystemMachine> {
    const folder = await mkdtemp(join(tmpdir(), 'machine-'))
    const cgroup = join(await unifiedHierarchy(), `tetragon-machine-${process.pid}`)
    await mkdir(cgroup)
    // A process is in the group before its namespace of control groups is made: that is the root.
    const namespaces = ['--cgroup', '--mount', '--pid', '--uts', '--ipc', '--net', '--fork']
    const unshare = ['unshare', ...namespaces, '--kill-child', '--propagation', 'private']
    const enter = `echo $$ > '${cgroup}/cgroup.procs' && exec "$@"`
    const inside = ['sh', '-c', script, 'machine', folder, ...files]
    const args = ['--pdeathsig', 'KILL', 'sh', '-c', enter, 'enter', ...unshare, ...inside]
    const child = spawn('setpriv', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let output = ''
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
    })
    const deadline = performance.now() + startLimit
    let pid: number | undefined
    try {
      pid = await childOf(child, deadline)
      const machine = new SystemMachine(child, pid, folder, cgroup)
      await machine.#started(deadline)
      return machine
    } catch (error) {
      await kill(child, pid)
      await clear(folder, cgroup)
      throw new Error(`${(error as Error).message} ${output.trim()}`.trim(), { cause: error })
    }
  }

  async #started(deadline: number): Promise<void> {
    let state = 'unknown'
    while (performance.now() < deadline) {
      if (hasEnded(this.#child)) throw new Error('start a machine: it has ended')
      const { stdout } = await this.try(['timeout', '10', 'systemctl', 'is-system-running'])
      state = stdout.trim() || state
      if (/^(running|degraded)$/.test(state)) return
      await delay(100)
    }
    throw new Error(`start a machine: after ${startLimit / 1000} s its state is ${state}`)
  }

  /** Runs a command on the machine; any exit code is accepted. */
  try(command: readonly string[]): Promise<ProgramResult> {
    const [program, ...args] = this.#enter(command)
    return runProgram(program, args)
  }

  /** Runs a command on the machine and returns its output. @throws Error with its message */
  run(...command: readonly string[]): Promise<string> {
    const [program, ...args] = this.#enter(command)
    return runOrThrow(program, args)
  }

  #enter(command: readonly string[]): [program: string, ...args: string[]] {
    const environment = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root']
    return ['nsenter', '--target', String(this.#pid), '--all', '--', ...environment, ...command]
  }

  /** Ends all its processes. @returns what is left: its control group if it cannot be removed */
  async end(): Promise<string[]> {
    await kill(this.#child, this.#pid)
    await clear(this.#folder, this.#cgroup)
    return (await readdir(this.#cgroup).catch(() => [])).length === 0 ? [] : [this.#cgroup]
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

/** Ends a machine: all its processes end with the first one, for which `unshare` waits. */
async function kill(child: ChildProcess, pid: number | undefined): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  if (pid === undefined) child.kill('SIGKILL')
  else process.kill(pid, 'SIGKILL')
  await exited
}

async function clear(folder: string, cgroup: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await removeGroups(cgroup)
}

/** The process that `unshare` forks. */
async function childOf(child: ChildProcess, deadline: number): Promise<number> {
  while (performance.now() < deadline) {
    const file = `/proc/${child.pid}/task/${child.pid}/children`
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.trim() !== '') return Number(text.trim())
    if (hasEnded(child)) throw new Error(`start a machine: exit code ${child.exitCode}`)
    await delay(20)
  }
  throw new Error('start a machine: unshare starts no process')
}

async function unifiedHierarchy(): Promise<string> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n')
  const path = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1]
  if (path === undefined) throw new Error('start a machine: no control groups of version 2')
  return path
}

/** Removes a control group and those below it. */
async function removeGroups(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(folder, entry.name))
  // The last processes may still be ending.
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      return await rmdir(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return
      await delay(50)
    }
  }
}
