/** Reading of ring buffers. */
export { RingBufferReader, type RingBufferStatistics, type Wakeup } from './reader.ts'
