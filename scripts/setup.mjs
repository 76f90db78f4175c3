// Makes a fresh clone ready: npm packages, compiled TypeScript and, when asked for (`vm` or
// `test`), the Debian packages of the kernel matrix. Needs nothing but Node itself, for it runs
// first. Does only what is not done yet, and says one line for each thing it does.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { missingNativePackages } from './native-packages.mjs'

/** Absolute path of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** An error that the user can fix; the message says how. */
export class SetupError extends Error {}

/** Runs a program on the same terminal; throws if it fails. */
function run(program, args, env = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  const how = result.error?.message ?? result.signal ?? `exit code ${result.status}`
  if (result.status !== 0) throw new SetupError(`run ${program} ${args.join(' ')}: ${how}`)
}

function modifiedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs
}

/** Whether node_modules is missing, older than the lock file, or without programs it names. */
function needsInstall() {
  const installed = modifiedAt('node_modules/.package-lock.json')
  if (installed === undefined || installed < modifiedAt('package-lock.json')) return true
  return missingNativePackages(root).length > 0
}

const installAttempts = 3

/** Installs npm packages if needed. Concurrent runs do not disturb each other. */
export async function installNodePackages() {
  if (!needsInstall()) return
  const release = await takeLock()
  try {
    for (let attempt = 1; needsInstall(); attempt += 1) {
      if (attempt > installAttempts) {
        const missing = missingNativePackages(root).join(', ')
        throw new SetupError(`run npm ci again: it leaves out ${missing} without an error`)
      }
      console.log('setup: npm ci')
      run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'])
    }
  } finally {
    release()
  }
}

/** Takes the lock of this clone; waits while another live process has it. */
async function takeLock() {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const path = join(root, '.cache', 'setup.lock')
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isAlive(readLock(path))) rmSync(path, { force: true })
    else await delay(200)
  }
}

function readLock(path) {
  try {
    return Number(readFileSync(path, 'latin1'))
  } catch {
    return 0
  }
}

function isAlive(pid) {
  // The lock is empty between its creation and its writing.
  if (pid === 0) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Runs scripts of this folder side by side, on the same terminal; throws if one fails. */
async function runTogether(names) {
  const children = names.map((name) => {
    return spawn(process.execPath, [join('scripts', name)], { cwd: root, stdio: 'inherit' })
  })
  const ends = await Promise.all(children.map((child) => once(child, 'exit')))
  for (const [i, [code, signal]] of ends.entries()) {
    if (code !== 0)
      throw new SetupError(`run scripts/${names[i]}: ${signal ?? `exit code ${code}`}`)
  }
}

/** Compiles changed sources and packs the programs, and the tests that run on kernels. */
async function build(withTests) {
  run('npx', ['tsc', '-b'])
  const tests = withTests ? ['bundle-tests.mjs'] : []
  await runTogether(['bundle.mjs', 'build-page.mjs', ...tests])
}

/** Whether a program is in PATH. */
function hasProgram(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function isInstalled(debianPackage) {
  const query = spawnSync('dpkg-query', ['--status', debianPackage])
  return query.status === 0 && /^Status: .* installed$/m.test(query.stdout.toString())
}

/** Debian packages for the kernel matrix and its tests that this machine lacks. */
export function missingDebianPackages() {
  const qemu = process.arch === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86'
  const wanted = [qemu, 'virtiofsd', 'busybox-static', 'runc', 'xz-utils', 'iproute2', 'libc6-dev']
  // For third-party clients of the server.
  wanted.push('protobuf-compiler', 'python3-grpcio', 'python3-protobuf', 'openssl')
  // For tests of probes in user space: a program that uses GnuTLS (wget), and sudo.
  wanted.push('wget', 'sudo')
  // For outputs.
  wanted.push('rsyslog', 'rsyslog-gnutls', 'nats-server', 'kcat')
  wanted.push('python3-opentelemetry-proto', 'victoria-metrics')
  wanted.push('python3-moto', 'python3-flask-cors')
  // For the console.
  wanted.push('chromium-headless-shell', 'fonts-dejavu-core', 'fonts-noto-color-emoji')
  // For completion.
  wanted.push('zsh', 'fish')
  // For containers outside of pods; packages of others may conflict with Debian's.
  if (!hasProgram('podman')) wanted.push('podman')
  if (!hasProgram('dockerd')) wanted.push('docker.io')
  // For the host packages, which are installed under systemd, and tetra for Debian's Node.js.
  wanted.push('rpm', 'systemd', 'nodejs')
  if (!hasProgram('man')) wanted.push('man-db')
  // For what a release publishes: signatures, image and chart.
  wanted.push('cosign', 'skopeo', 'docker-registry')
  // For the cluster.
  wanted.push('unzip', 'jq')
  if (!hasProgram('cc')) wanted.push('gcc')
  if (!hasProgram('curl')) wanted.push('curl')
  return wanted.filter((name) => !isInstalled(name))
}

/** The same for building a kernel. */
function missingForKernels() {
  const wanted = ['make', 'gcc', 'libc6-dev', 'flex', 'bison', 'bc', 'libelf-dev', 'pahole']
  return [...wanted, 'xz-utils'].filter((name) => !isInstalled(name))
}

/** Installs missing Debian packages; prints instructions if it cannot. */
export function installDebianPackages(missing) {
  if (missing.length === 0) return
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (!hasProgram('apt-get') || process.getuid?.() !== 0) {
    throw new SetupError(
      `install packages: ${missing.join(', ')} missing, and ` +
        `${hasProgram('apt-get') ? 'only root can install them' : 'there is no apt-get here'}; ` +
        `on Debian run as root: ${command}`,
    )
  }
  const noninteractive = { DEBIAN_FRONTEND: 'noninteractive' }
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0']
  console.log(`setup: ${command}`)
  // Package lists may be absent or old: then the first attempt fails.
  const args = ['install', '--yes', '--no-install-recommends', ...quiet, ...missing]
  const first = spawnSync('apt-get', args, {
    stdio: 'ignore',
    env: { ...process.env, ...noninteractive },
  })
  if (first.status !== 0) {
    run('apt-get', ['update', ...quiet])
    run('apt-get', args, noninteractive)
  }
}

/**
 * The whole set-up; `what` is undefined, `vm` or `test` (both include the Debian packages and the
 * packed tests), `cluster` (the Debian packages), or `kernel` (those for building one).
 */
export async function setup(what) {
  await installNodePackages()
  await build(what === 'vm' || what === 'test')
  if (what === undefined) return
  installDebianPackages(what === 'kernel' ? missingForKernels() : missingDebianPackages())
}

/** Runs a script's main function: an error that the user can fix is shown without its stack. */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(() => {
    const what = process.argv[2]
    if (what !== undefined && !['vm', 'test', 'kernel'].includes(what)) {
      throw new SetupError(`usage: npm run setup -- [vm|test|kernel], not "${what}"`)
    }
    return setup(what)
  })
}
