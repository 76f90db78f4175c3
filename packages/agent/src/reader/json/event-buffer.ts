import { LineBuffer } from '../line-buffer.ts'
import { ProcessOffsets } from './process-offsets.ts'

/** Lines of event JSON that are collected before they are written. */
export class EventBuffer extends LineBuffer {
  /** Offsets of processes in the lines. */
  readonly processOffsets = new ProcessOffsets()

  override clear(): void {
    super.clear()
    this.processOffsets.clear()
  }
}
