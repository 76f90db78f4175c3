import { fields, list } from '@tetragon-ts/kubernetes'
import type { ContainerAnswer } from './container-answer.ts'
import { readImage, readName, readTime } from './runtime-container.ts'
import { readJson, type TrustedFile, withTrustedFile } from './trusted-file.ts'

/** Prefix of ids: `podman://ID`. */
export const podmanScheme = 'podman'

/** Lists of containers; those of `podman run --rm` are volatile. */
const lists = ['containers.json', 'volatile-containers.json']
/** A folder for each storage driver; overlay is the default. */
const folders = ['overlay', 'vfs', 'btrfs'].map((driver) => {
  return `var/lib/containers/storage/${driver}-containers`
})
/** 16,000 containers. */
const listMax = 8 << 20

/** The containers of a list by id. */
interface ReadList {
  /** Differs when Podman has replaced the file. */
  readonly version: string
  readonly containers: ReadonlyMap<unknown, unknown>
}

/** Lists by path: each container of any runtime may be looked up in them. */
const readLists = new Map<string, ReadList>()

/**
 * Reads a container of Podman from the list of its storage (containers/storage, containers.go),
 * which Podman writes before it starts the container. A list that cannot be read says nothing.
 * @param root `/`, or where the root of the host can be reached
 */
export function readPodmanContainer(root: string, id: string): ContainerAnswer {
  for (const path of folders.flatMap((folder) =>
    lists.map((name) => `${root}/${folder}/${name}`),
  )) {
    const entry = readList(path)?.get(id)
    if (entry !== undefined) return readEntry(fields(entry), id)
  }
  return { kind: 'missing' }
}

function readList(path: string): ReadList['containers'] | undefined {
  const answer = withTrustedFile(path, listMax, (file) => {
    const { ino, mtimeMs, size } = file.stats
    const version = `${ino} ${mtimeMs} ${size}`
    const known = readLists.get(path)
    return known?.version === version ? known : parse(file, version)
  })
  if (typeof answer !== 'object') {
    readLists.delete(path)
    return undefined
  }
  readLists.set(path, answer)
  return answer.containers
}

function parse(file: TrustedFile, version: string): ReadList {
  const json = readJson(file)
  const containers = typeof json === 'object' ? list(json.value) : []
  return { version, containers: new Map(containers.map((each) => [fields(each).id, each])) }
}

function readEntry(entry: Readonly<Record<string, unknown>>, id: string): ContainerAnswer {
  let metadata: Readonly<Record<string, unknown>>
  try {
    metadata = fields(JSON.parse(String(entry.metadata)))
  } catch {
    return { kind: 'other' }
  }
  // CRI-O uses the same storage; its containers have a bundle with their pod.
  if (metadata['pod-name'] !== undefined) return { kind: 'missing' }
  const name = readName(metadata.name)
  if (name === '') return { kind: 'other' }
  const container = {
    scheme: podmanScheme,
    id,
    name,
    labels: {},
    image: readImage(metadata['image-name']),
    imageId: readImage(metadata['image-id']),
    created: readTime(entry.created, new Date()),
  }
  return { kind: 'container', container }
}
