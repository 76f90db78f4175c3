import { join } from 'node:path'
import { repositoryRoot } from './repository.ts'

/**
 * Kernel tests are packed (scripts/bundle-tests.mjs): loading one module by module takes an
 * emulated processor longer than running it.
 */
export const packedTests = join(repositoryRoot, 'test', 'bundle')

/** Name of a packed test, from the path of the compiled test. */
export function packedName(compiled: string): string {
  return compiled.replace(/\.js$/, '').replaceAll(/[/\\]/g, '.')
}

/**
 * V8 features that are disabled on an emulated processor: QEMU translates all code before running
 * it, so code compiled during a test costs more than it saves.
 */
export const compilersOff = ['opt', 'maglev', 'sparkplug'] as const

/** Options of Node.js for tests on an emulated processor. */
export const emulatedOptions = compilersOff.map((name) => `--no-${name}`)
