import type { ApiClient } from './api-client.ts'
import { ResponseTooLarge } from './api-error.ts'
import { text } from './object-fields.ts'

/** A page of a list. */
export interface ListPage {
  /** Objects of any content. */
  readonly objects: readonly unknown[]
  /** Resource version of the list; may be empty. */
  readonly version: string
}

/** Maximum number of objects in a page of a list: a page must fit into little memory. */
const pageSizeMax = 100
/** Maximum number of pages: a server that sends more of them repeats itself. */
const pagesMax = 100_000

/**
 * The pages of a list.
 * @param path path of the resource with a query, which may be empty, such as `/api/v1/pods?`
 * @throws ApiError, ResponseTooLarge for a single object, Error of the connection
 */
export async function* listPages(
  client: ApiClient,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<ListPage, void, undefined> {
  let size = pageSizeMax
  let next = ''
  for (let page = 0; page < pagesMax; page++) {
    const query = (): string => `&limit=${size}${next && `&continue=${encodeURIComponent(next)}`}`
    let answer: Answer | undefined
    while (answer === undefined) {
      try {
        answer = (await client.get(path + query(), signal)) as Answer
      } catch (error) {
        // Authors choose the size of objects: a page that is too large is requested with fewer.
        if (!(error instanceof ResponseTooLarge) || size === 1) throw error
        size = Math.floor(size / 2)
      }
    }
    size = Math.min(2 * size, pageSizeMax)
    // Empty lists of metadata have no items on some releases.
    const objects = answer.items === null ? [] : answer.items
    if (!Array.isArray(objects)) throw new Error('the response is not a list')
    yield { objects, version: text(answer.metadata?.resourceVersion) }
    next = text(answer.metadata?.continue)
    if (next === '') return
  }
  throw new Error('the list does not end')
}

interface Answer {
  readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown }
  readonly items?: unknown
}
