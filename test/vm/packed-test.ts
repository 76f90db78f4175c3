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
