import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { cachePath, repositoryRoot } from '../../vm/repository.ts'

/** The tag that the chart of the repository has by default. */
const releaseVersion = (
  JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }
).version

/** The packed chart of that image. */
export const packedChart = cachePath('image', `tetragon-${releaseVersion}.tgz`)

/** Makes the agent's image and its chart from the build, and returns the path of its archive. */
export async function makeAgentImage(): Promise<string> {
  const file = cachePath('image', 'tetragon.tar')
  await runOrThrow(process.execPath, [join(repositoryRoot, 'scripts/image.mjs'), file], {
    env: { ...process.env, TETRAGON_VERSION: releaseVersion },
  })
  return file
}
