import type { MessageOf } from '../message.ts'
import { int32, many, message } from '../message.ts'

/** An array of numbers, as it is proposed for Tetragon. */
export const KprobeInt32List = message('KprobeInt32List', { values: many(int32(1)) })
export type KprobeInt32List = MessageOf<typeof KprobeInt32List>
