import { ByteWriter } from '../../bytes/byte-writer.ts'
import { ProcessPlaces } from './process-places.ts'

/** Lines of event JSON that are collected before they are written. */
export class EventBuffer extends ByteWriter {
  /** Where processes stand in them. */
  readonly places = new ProcessPlaces()

  override clear(): void {
    super.clear()
    this.places.clear()
  }
}
