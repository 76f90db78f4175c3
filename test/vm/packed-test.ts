import { join } from 'node:path'
import { repositoryRoot } from './repository.ts'

/**
 * Tests for kernels are packed (scripts/bundle-tests.mjs): to load one module by module takes an
 * emulated processor longer than to run it.
 */
export const packedTests = join(repositoryRoot, 'test', 'bundle')

/**
 * The name of a test among the packed ones, from the path of the compiled one in the repository.
 */
export function packedName(compiled: string): string {
  return compiled.replace(/\.js$/, '').replaceAll(/[/\\]/g, '.')
}

/**
 * Switches of V8 that are off on an emulated processor: QEMU translates all code before it runs, so
 * code that V8 compiles while a test runs costs more than it saves.
 */
export const compilersOff = ['opt', 'maglev', 'sparkplug'] as const

/** Options of Node.js for tests on an emulated processor. */
export const emulatedOptions = compilersOff.map((name) => `--no-${name}`)
