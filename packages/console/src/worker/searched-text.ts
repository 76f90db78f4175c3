import { argumentText, type Event } from '@tetragon-ts/api'
import type { SearchedText } from '../store/event-segment.ts'
import { processDetails } from '../store/process-details.ts'

/** What words of a filter find an event by, besides its line and fields. */
export function searchedText({ key, body }: Event, line: string): SearchedText {
  const process = 'process' in body ? body.process : undefined
  const isInLine = key === 'process_exec' || key === 'process_exit'
  const args = isInLine ? '' : (process?.arguments ?? '')
  const { message = '', tags = [] } = 'message' in body || 'tags' in body ? body : {}
  return {
    process: joined([args, process ? processDetails(process) : '']),
    hook: joined([message, ...tags]),
    own: joined(ownTexts(body).filter((text) => !line.includes(text))),
  }
}

function ownTexts(body: Event['body']): string[] {
  const args = 'args' in body ? body.args : undefined
  const data = 'data' in body ? body.data : undefined
  const texts = [...(args ?? []), ...(data ?? [])].map(argumentText)
  if ('return' in body && body.return) texts.push(argumentText(body.return))
  if ('ima_hash' in body && body.ima_hash) texts.push(body.ima_hash)
  return texts
}

/** Words cannot reach from one text into the next: lines have no line ends. */
function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n')
}
