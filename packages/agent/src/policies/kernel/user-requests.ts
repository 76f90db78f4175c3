import { lookup } from 'node:dns'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import type { UserRequest } from '@tetragon-ts/compiler/hooks'

/** Maximum numbers of running and of waiting requests. */
const activeMax = 16
const waitingMax = 1024
const timeoutMs = 5000

/** Executes a request; fulfilled when it has ended, with or without success. */
export type MakeRequest = (request: UserRequest) => Promise<void>

/**
 * Requests of the actions GetUrl and DnsLookup. Responses are ignored. Excess requests are dropped.
 */
export class UserRequests {
  readonly #make: MakeRequest
  readonly #waiting: UserRequest[] = []
  #active = 0
  /** Dropped requests. */
  dropped = 0
  /** Completed requests. */
  made = 0

  constructor(make: MakeRequest = makeRequest) {
    this.#make = make
  }

  add(requests: readonly UserRequest[]): void {
    const room = Math.max(0, waitingMax - this.#waiting.length)
    this.#waiting.push(...requests.slice(0, room))
    this.dropped += Math.max(0, requests.length - room)
    this.#next()
  }

  #next(): void {
    while (this.#active < activeMax) {
      const request = this.#waiting.shift()
      if (!request) return
      this.#active++
      this.#make(request)
        .catch(() => {}) // the host may be gone: nothing that the policy could do about it
        .finally(() => {
          this.#active--
          this.made++
          this.#next()
        })
    }
  }
}

function makeRequest(request: UserRequest): Promise<void> {
  return request.kind === 'get-url' ? getUrl(request.url) : resolveName(request.fqdn)
}

function getUrl(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { protocol } = new URL(url)
    const get = protocol === 'https:' ? getHttps : getHttp
    // Also a server that keeps sending must not occupy one of the running requests.
    const signal = AbortSignal.timeout(timeoutMs)
    const request = get(url, { signal }, (response) => {
      response.resume()
      response.on('error', () => {})
      response.once('close', resolve)
    })
    request.once('error', reject)
    request.once('close', resolve)
  })
}

/** With the system's resolver. */
function resolveName(fqdn: string): Promise<void> {
  return new Promise((resolve) => lookup(fqdn, () => resolve()))
}
