import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DebianArchive,
  type ProgramResult,
  runOrThrow,
  runProgram,
} from '@tetragon-ts/test/archives'
import { cachePath } from '../vm/repository.ts'

/** The libraries that Node.js needs, without a shell, and a static program to be observed. */
const packages = ['libc6', 'libgcc-s1', 'libstdc++6', 'busybox-static']
const mountPoints = ['proc', 'sys', 'dev', 'run', 'tmp', 'var/tmp', 'usr/bin']

/** Options of mounts: `exec` or `noexec`. */
export interface Mounts {
  readonly shm: string
  readonly run: string
}

/**
 * Mounts a root folder, $1, read-only, with the executable, $2, as /usr/bin/tetragon, and changes
 * to it. The mounts end with the last process. $3 and $4 are options for /dev/shm and /run.
 */
const script = `set -e
root=$1; executable=$2; shm=$3; run=$4
shift 4
mount --bind "$root" "$root"
mount --bind "$executable" "$root/usr/bin/tetragon"
mount -o remount,bind,ro "$root"
mount --rbind /proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755,noexec tmpfs "$root/dev"
for name in null urandom; do
  : > "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/shm"
mount -t tmpfs -o "mode=1777,$shm" tmpfs "$root/dev/shm"
mount -t tmpfs -o "mode=755,$run" tmpfs "$root/run"
mount -t tmpfs -o mode=1777,noexec tmpfs "$root/tmp"
exec chroot "$root" "$@"
`
const environment = ['env', '-i', 'PATH=/usr/bin:/bin:/usr/sbin:/sbin']

/** A root folder with libraries of a Debian release, and without Node.js. */
export class BareRoot {
  readonly #folder: string
  readonly #executable: string

  private constructor(folder: string, executable: string) {
    this.#folder = folder
    this.#executable = executable
  }

  /** Makes the root folder; packages are downloaded once. @param suite such as `bookworm` */
  static async make(suite: string, executable: string): Promise<BareRoot> {
    return new BareRoot(await librariesOf(suite), executable)
  }

  /**
   * Makes a root folder with an rpm package, and with a shell for its scriptlets. The libraries
   * belong to no rpm package: its dependencies are not checked.
   * @param folder the root folder
   */
  static async withRpm(suite: string, folder: string, rpm: string): Promise<BareRoot> {
    await runOrThrow('cp', ['--archive', await librariesOf(suite), folder])
    for (const name of ['tetragon', 'tetra']) await rm(join(folder, 'usr/bin', name))
    await symlink('busybox', join(folder, 'bin/sh'))
    await runOrThrow('rpm', ['--root', folder, '--nodeps', '--install', rpm])
    return new BareRoot(folder, join(folder, 'usr/bin/tetragon'))
  }

  /** Starts a program below the root. */
  start(mounts: Mounts, ...command: readonly string[]): ChildProcess {
    const [program, ...args] = this.#inside(mounts, command)
    return spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /** Runs a program below the root; any exit code is accepted. */
  try(mounts: Mounts, ...command: readonly string[]): Promise<ProgramResult> {
    const [program, ...args] = this.#inside(mounts, command)
    return runProgram(program!, args)
  }

  #inside({ shm, run }: Mounts, command: readonly string[]): string[] {
    const arguments_ = [this.#folder, this.#executable, shm, run, ...command]
    const unshare = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'root']
    return ['setpriv', '--pdeathsig', 'KILL', ...environment, ...unshare, ...arguments_]
  }
}

/** @returns the root folder with the libraries of a release */
async function librariesOf(suite: string): Promise<string> {
  const folder = cachePath('roots', suite)
  if (!existsSync(folder)) {
    const work = `${folder}.${process.pid}`
    await assemble(suite, work)
    await rename(join(work, 'root'), folder).catch((error: NodeJS.ErrnoException) => {
      // Another test file was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
    await rm(work, { recursive: true })
  }
  return folder
}

async function assemble(suite: string, work: string): Promise<void> {
  const root = join(work, 'root')
  const wanted = [{ suites: [suite], securitySuites: [] }]
  const { archive, problems } = await DebianArchive.open(join(work, 'apt'), wanted)
  if (problems.length > 0) throw new Error(`fetch package lists: ${problems.join('; ')}`)
  await archive.unpack(packages, root)
  for (const name of mountPoints) await mkdir(join(root, name), { recursive: true })
  for (const name of ['bin', 'lib', 'lib64']) {
    // Debian's packages have no such links; its installer makes them.
    if (!existsSync(join(root, name))) await symlink(`usr/${name}`, join(root, name))
  }
  await writeFile(join(root, 'usr/bin/tetragon'), '')
  await symlink('tetragon', join(root, 'usr/bin/tetra'))
}

/** A command that runs with root folder and mounts of another process. */
export function enter(pid: number, command: readonly string[]): string[] {
  return [
    ...environment,
    'nsenter',
    '--target',
    String(pid),
    '--mount',
    '--root',
    '--wd',
    ...command,
  ]
}

/** Runs a program with root folder and mounts of another process; any exit code is accepted. */
export function tryBeside(pid: number, ...command: readonly string[]): Promise<ProgramResult> {
  const [program, ...args] = enter(pid, command)
  return runProgram(program!, args)
}
