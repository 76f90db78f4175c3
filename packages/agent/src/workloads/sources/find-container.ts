import { type BundleLocation, hostBundles, shimBundle } from './bundle-folders.ts'
import type { ContainerAnswer } from './container-answer.ts'
import { readDockerContainer } from './docker.ts'
import { hostRoots } from './host-roots.ts'
import { readPodmanContainer } from './podman.ts'
import { readBundle } from './read-bundle.ts'

/**
 * Looks a container up in the files of the runtimes: bundles first, because pods are more frequent.
 * @param pids those among which the runtime is, or of which it is an ancestor
 */
export function findContainer(procfs: string, id: string, pids: Iterable<number>): ContainerAnswer {
  let rest: ContainerAnswer = { kind: 'missing' }
  for (const answer of answers(procfs, id, pids)) {
    if (answer.kind === 'pod' || answer.kind === 'container') return answer
    // A bundle outside of pods may be Docker's; one that cannot be read may be that of a pod.
    if (answer.kind === 'other' && rest.kind === 'missing') rest = answer
    if (answer.kind === 'fault') rest = answer
  }
  return rest
}

function* answers(procfs: string, id: string, pids: Iterable<number>): Iterable<ContainerAnswer> {
  for (const { path, names } of bundles(procfs, id, pids)) {
    const answer = readBundle(path, names)
    yield answer
    if (answer.kind === 'other') break
  }
  for (const root of hostRoots(procfs)) {
    yield readDockerContainer(root, id)
    yield readPodmanContainer(root, id)
  }
}

/** Possible locations of a bundle; the slowest one is last. */
function* bundles(procfs: string, id: string, pids: Iterable<number>): Iterable<BundleLocation> {
  yield* hostBundles(procfs, id)
  const beside = shimBundle(procfs, id, pids)
  if (beside !== undefined) yield beside
}
