import { fields, list } from '@tetragon-ts/kubernetes'
import type { ContainerAnswer } from './container-answer.ts'
import { readImage, readName, readTime } from './runtime-container.ts'
import { readTrustedJson } from './trusted-file.ts'

/** Prefix of ids: `podman://ID`. */
export const podmanScheme = 'podman'

/** Lists of containers; those of `podman run --rm` are volatile. */
const lists = ['containers.json', 'volatile-containers.json']
/** A folder for each storage driver; overlay is the default. */
const folders = ['overlay', 'vfs', 'btrfs'].map((driver) => {
  return `var/lib/containers/storage/${driver}-containers`
})
/** 8000 containers. */
const listMax = 4 << 20

/**
 * Reads a container of Podman from the list of its storage (containers/storage, containers.go),
 * which Podman writes before it starts the container. Its labels are in Podman's database only.
 * @param root `/`, or where the root of the host can be reached
 */
export function readPodmanContainer(root: string, id: string): ContainerAnswer {
  let worst: ContainerAnswer = { kind: 'missing' }
  for (const path of folders.flatMap((folder) => lists.map((name) => `${folder}/${name}`))) {
    const answer = readTrustedJson(`${root}/${path}`, listMax)
    if (answer === undefined) continue
    if (typeof answer === 'string') worst = { kind: 'fault', fault: answer }
    else {
      const found = list(answer.value).find((each) => fields(each).id === id)
      if (found !== undefined) return readEntry(fields(found), id)
    }
  }
  return worst
}

function readEntry(entry: Readonly<Record<string, unknown>>, id: string): ContainerAnswer {
  let metadata: Readonly<Record<string, unknown>>
  try {
    metadata = fields(JSON.parse(String(entry.metadata)))
  } catch {
    return { kind: 'fault', fault: 'malformed' }
  }
  const name = readName(metadata.name)
  // CRI-O uses the same storage; its containers have a bundle with their pod.
  if (metadata['pod-name'] !== undefined) return { kind: 'missing' }
  if (name === '') return { kind: 'fault', fault: 'malformed' }
  const container = {
    ...{ scheme: podmanScheme, id, name, labels: {} },
    ...{ image: readImage(metadata['image-name']), imageId: readImage(metadata['image-id']) },
    created: readTime(entry.created, new Date()),
  }
  return { kind: 'container', container }
}
