import type { Readable, Writable } from 'node:stream'
import { GatheredOutput } from './gathered-output.ts'

/** Converts chunks of input to output. */
export interface ChunkReader {
  push(chunk: Buffer): string | Uint8Array
  end(): string | Uint8Array
}

/** Why reading ended: the input ended, or the reader of the output is gone. */
export type PumpEnd = 'input_ended' | 'output_closed'

/**
 * Copies input to output through a reader, in few writes; the next chunk is read only when the
 * output has room. Ends silently when the output is closed (EPIPE).
 */
export async function pump(
  input: Readable,
  output: Writable,
  reader: ChunkReader,
): Promise<PumpEnd> {
  const stop = new AbortController()
  let failure: NodeJS.ErrnoException | undefined
  const onError = (error: NodeJS.ErrnoException): void => {
    failure ??= error
    stop.abort()
    input.destroy()
  }
  // A connection that is closed may have no error, and no room for more, either.
  const onClose = (): void => onError(Object.assign(new Error('it is closed'), { code: 'EPIPE' }))
  const gathered = new GatheredOutput(output, stop.signal)
  output.on('error', onError).once('close', onClose)
  try {
    if (output.destroyed) onClose()
    for await (const chunk of input) await gathered.add(reader.push(chunk))
    await gathered.add(reader.end())
    gathered.flush()
    if (failure === undefined) await written(output, stop.signal)
  } catch (error) {
    gathered.flush()
    if (failure === undefined) throw error
  } finally {
    output.off('error', onError).off('close', onClose)
  }
  if (failure === undefined) return 'input_ended'
  // Errors of pending writes can no longer be reported.
  output.on('error', () => {})
  if (failure.code === 'EPIPE' || failure.code === 'ERR_STREAM_DESTROYED') return 'output_closed'
  throw new Error(`write events: ${failure.message}`)
}

/**
 * Waits until all output was written, or has failed. A response of HTTP whose connection ends at
 * the same time keeps what is written, and its callback, for ever.
 * @param stop aborted when the output is closed
 */
function written(output: Writable, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true })
    // Its callback runs after all previous output was written.
    output.write('', () => resolve())
  })
}
