import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/archives'
import { cachePath, repositoryRoot } from '../../vm/repository.ts'

/** Makes the agent's image from the build, and returns the path of its archive. */
export async function makeAgentImage(): Promise<string> {
  const file = cachePath('image', 'tetragon.tar')
  await runOrThrow(process.execPath, [join(repositoryRoot, 'scripts/image.mjs'), file])
  return file
}
