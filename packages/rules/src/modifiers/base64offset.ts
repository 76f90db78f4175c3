import { base64Text, encoded } from './base64.ts'
import { encodeBytes } from './bytes.ts'
import { changeEach, type Draft, type Modifier } from './modifier.ts'

/** Characters to drop at the start for each offset, and at the end for each remainder of 3. */
const dropped = { start: [0, 2, 3], end: [0, 3, 2] } as const

function atOffset(bytes: Uint8Array, offset: number): Draft {
  const shifted = new Uint8Array(offset + bytes.length)
  shifted.fill(0x20, 0, offset)
  shifted.set(bytes, offset)
  const text = base64Text(shifted)
  const end = text.length - dropped.end[shifted.length % 3]
  return encoded(text.slice(dropped.start[offset], end))
}

export const base64offset: Modifier = {
  name: 'base64offset',
  doc: 'the value inside of a longer Base64 text, at each of three offsets',
  apply(item) {
    changeEach(item, (draft) => {
      const bytes = encodeBytes(draft, 'base64offset')
      return [0, 1, 2].map((offset) => atOffset(bytes, offset))
    })
  },
}
