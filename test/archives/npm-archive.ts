import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from './run-program.ts'

/**
 * Downloads a package from the npm registry, without its dependencies, and unpacks it.
 * @param spec `name@version`
 * @param integrity expected hash of the archive, as in a lock file
 * @returns the folder with the files of the package
 * @throws Error if it cannot be downloaded or its hash differs
 */
export async function unpackNpmPackage(
  spec: string,
  integrity: string,
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  await runOrThrow('npm', ['pack', '--silent', '--pack-destination', folder, spec])
  const name = (await readdir(folder)).find((each) => each.endsWith('.tgz'))
  if (name === undefined) throw new Error(`download ${spec}: npm pack left no archive`)
  const archive = join(folder, name)
  const hash = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')
  if (`sha512-${hash}` !== integrity) {
    throw new Error(`download ${spec}: integrity is sha512-${hash}, expected ${integrity}`)
  }
  await runOrThrow('tar', ['-xzf', archive, '-C', folder])
  return join(folder, 'package')
}
