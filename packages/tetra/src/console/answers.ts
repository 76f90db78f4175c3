import type { ServerResponse } from 'node:http'

/** Answers with a line of text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', Buffer.from(text === '' ? '' : `${text}\n`))
}

/** Answers with a page. */
export function sendHtml(response: ServerResponse, text: string): void {
  send(response, 200, 'text/html; charset=utf-8', Buffer.from(text))
}

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value))
  send(response, status, 'application/json; charset=utf-8', bytes)
}

/** Answers with bytes, and with the headers that are set. */
export function send(response: ServerResponse, status: number, type: string, bytes: Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}
