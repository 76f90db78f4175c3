import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../vm/repository.ts'

/** A version that is older than each that is built. */
export const olderVersion = '0.0.1-dev.20260102030405.g01234567'

/** Functions of scripts/package that write a package of files. */
const writers = { deb: ['archives', 'writeDebianPackage'], rpm: ['rpm', 'writeRpm'] } as const

/**
 * Builds packages in a folder; their files stay in its folder `files`.
 * @returns their paths
 */
export async function buildPackages(folder: string, ...kinds: readonly string[]) {
  const script = join(repositoryRoot, 'scripts/package.mjs')
  const output = await runOrThrow(process.execPath, [script, ...kinds, 'fast', folder])
  return output.trim().split('\n')
}

/**
 * Makes a package of files that are built, without another executable.
 * @param time of the files, in seconds
 * @returns its path
 */
export async function repackage(
  kind: keyof typeof writers,
  files: string,
  to: string,
  version: string,
  time: number,
): Promise<string> {
  const [module, name] = writers[kind]
  const script = JSON.stringify(join(repositoryRoot, `scripts/package/${module}.mjs`))
  const words = JSON.stringify([files, to, version, time, true])
  const write = `import(${script}).then(({ ${name} }) => console.log(${name}(...${words})))`
  return (await runOrThrow(process.execPath, ['--input-type=module', '--eval', write])).trim()
}
