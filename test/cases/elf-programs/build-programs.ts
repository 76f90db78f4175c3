import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../../vm/repository.ts'

const source = join(repositoryRoot, 'test/cases/elf-programs/program.c')

/** How the program is compiled. */
export const variants = {
  pie: ['-pie', '-fPIE'],
  'no-pie': ['-no-pie', '-fno-pie'],
  'no-branch-tracking': ['-pie', '-fPIE', '-fcf-protection=none', '-z', 'lazy'],
  static: ['-static', '-no-pie'],
  'static-pie': ['-static-pie', '-fPIE'],
  unoptimized: ['-O0'],
  library: ['-shared', '-fPIC'],
  // Without the C library, which may be missing for 32 bits.
  'x86-library': ['-m32', '-shared', '-fPIC', '-nostdlib'],
} as const satisfies Record<string, readonly string[]>

export type VariantName = keyof typeof variants

/** Compiles the program to a file in a folder. */
export async function buildVariant(name: VariantName, folder: string): Promise<string> {
  const path = join(folder, name)
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-Wl,--build-id=sha1', ...variants[name]]
  await runOrThrow('gcc', [...options, '-o', path, source])
  return path
}

/** A copy without `.symtab`. */
export async function stripped(path: string): Promise<string> {
  const copy = `${path}.stripped`
  await runOrThrow('strip', ['-o', copy, path])
  return copy
}

/** A stripped copy with `.symtab` in `.gnu_debugdata`, as Fedora ships programs. */
export async function withMiniDebugInfo(path: string): Promise<string> {
  const [copy, inner] = [`${path}.mini`, `${path}.inner`]
  await runOrThrow('objcopy', ['--only-keep-debug', '-R', '.comment', path, inner])
  await runOrThrow('xz', ['--keep', '--force', inner])
  await copyFile(await stripped(path), copy)
  await runOrThrow('objcopy', ['--add-section', `.gnu_debugdata=${inner}.xz`, copy])
  return copy
}

/** Writes the separate debug file of a program into a root folder. */
export async function writeDebugFile(path: string, buildId: string, root: string): Promise<void> {
  const folder = `/usr/lib/debug/.build-id/${buildId.slice(0, 2)}`
  const file = join(root, folder, `${buildId.slice(2)}.debug`)
  await mkdir(dirname(file), { recursive: true })
  await runOrThrow('objcopy', ['--only-keep-debug', path, file])
}
