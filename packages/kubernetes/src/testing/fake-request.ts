import type { IncomingMessage } from 'node:http'

/** An object with a name, and perhaps a namespace. */
export interface FakeObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

/** A request, with what its path names. */
export interface FakeRequest {
  readonly method: string
  /** The folder of all namespaces, such as `/api/v1/pods`. */
  readonly path: string
  /** `NAMESPACE/NAME`, or `NAME`; to create an object, its namespace; empty: the whole folder. */
  readonly key: string
  /** Whether it is about the objects of a folder, of all namespaces or of one. */
  readonly isFolder: boolean
  readonly isStatus: boolean
  /** Whether only the metadata of an object is wanted. */
  readonly isMetadata: boolean
  readonly query: URLSearchParams
  readonly body: FakeObject | undefined
}

const pathForm =
  /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+?)(\/status)?)?$/

/** Reads a request with its body. */
export async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://server')
  const [, group = '', namespace, plural = '', name, status] = pathForm.exec(pathname) ?? []
  let content = ''
  for await (const piece of incoming.setEncoding('utf8')) content += piece
  const parts = [namespace, name].filter((each) => each !== undefined)
  return {
    method: incoming.method ?? '',
    path: `${group}/${plural}`,
    key: parts.map(decodeURIComponent).join('/'),
    isFolder: name === undefined,
    isStatus: status !== undefined,
    isMetadata: /;as=PartialObjectMetadata;/.test(incoming.headers.accept ?? ''),
    query: searchParams,
    body: content === '' ? undefined : (JSON.parse(content) as FakeObject),
  }
}

/** The key of an object, from its name and namespace. */
export function keyOf({ metadata: { namespace, name } }: FakeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}
