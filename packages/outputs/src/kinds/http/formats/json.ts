import type { HttpFormat } from './format.ts'

/** An event in each line, as in the export file. */
export const jsonLines: HttpFormat = {
  contentType: 'application/x-ndjson',
  path: '/',
  tokenScheme: 'Bearer',
  bodies: (events) => [events.map(({ json }) => `${json}\n`).join('')],
}

/** An array of events. */
export const jsonArray: HttpFormat = {
  contentType: 'application/json',
  path: '/',
  tokenScheme: 'Bearer',
  bodies: (events) => [`[${events.map(({ json }) => json).join(',')}]`],
}
