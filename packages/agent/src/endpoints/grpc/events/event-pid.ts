/** Reads fields of protobuf in order, without creating objects. */
class Fields {
  readonly #bytes: Uint8Array
  #at: number
  readonly #end: number
  /** Number of the current field, and position of its value. */
  number = 0
  from = 0
  to = 0

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes
    this.#at = from
    this.#end = to
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35 && this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++]
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    // Longer numbers are irrelevant here.
    while (this.#at < this.#end && this.#bytes[this.#at - 1] >= 0x80) this.#at++
    return value
  }

  /** False at the end, and at invalid data. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    const tag = this.#varint()
    this.number = Math.floor(tag / 8)
    this.from = this.#at
    switch (tag % 8) {
      case 0:
        this.#varint()
        break
      case 1:
        this.#at += 8
        break
      case 2: {
        const length = this.#varint()
        this.from = this.#at
        this.#at += length
        break
      }
      case 5:
        this.#at += 4
        break
      default:
        return false
    }
    this.to = this.#at
    return this.#at <= this.#end
  }

  /** The number in the field. */
  value(): number {
    return new Fields(this.#bytes, this.from, this.#end).#varint()
  }

  /** Skips to the field with a number; false if there is none. */
  find(number: number): boolean {
    while (this.next()) if (this.number === number) return true
    return false
  }
}

const processField = 1
const pidField = 2
const wrappedField = 1

/**
 * The pid of an event's process, read without decoding the event. The process is field 1 of each
 * kind of event, and the event is the first field of the message. Undefined if there is none.
 */
export function eventPid(bytes: Uint8Array, from: number, to: number): number | undefined {
  const event = new Fields(bytes, from, to)
  if (!event.next()) return undefined
  const body = new Fields(bytes, event.from, event.to)
  if (!body.find(processField)) return undefined
  const process = new Fields(bytes, body.from, body.to)
  if (!process.find(pidField)) return undefined
  const wrapper = new Fields(bytes, process.from, process.to)
  return wrapper.find(wrappedField) ? wrapper.value() : 0
}
