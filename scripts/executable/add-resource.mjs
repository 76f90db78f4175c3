// Adds the blob of a single executable application to the ELF file of Node.js, where Node.js looks
// for it: a note with a name, in memory. It does what postject does, which is an unmaintained alpha
// with 6 MB of WebAssembly: the program headers move to the end of the file, with two more.

/** Node.js looks for the blob if this has a 1 at its end (src/node_sea.cc). */
const fuse = Buffer.from('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0')
const noteName = Buffer.from('NODE_SEA_BLOB\0')
const type = { load: 1, note: 4, phdr: 6 }
const readable = 4
const pageSize = 0x1000
const headerSize = 56

const roundUp = (value, unit) => Math.ceil(value / unit) * unit

/**
 * @param {Buffer} program an ELF file for 64 bits, little-endian, with fixed addresses (ET_EXEC)
 * @param {Buffer} blob
 * @returns {Buffer} the executable
 * @throws Error if the program is another kind of file, or has no single fuse
 */
export function addResource(program, blob) {
  const headers = readHeaders(program)
  const loads = headers.filter((each) => each.type === type.load)
  // Kernels before 5.18 take the address of the program headers for their offset plus that of the
  // first segment.
  const base = loads[0].address - loads[0].offset
  const lastAddress = Math.max(...loads.map(({ address, memorySize }) => address + memorySize))
  const offset = Math.max(roundUp(program.length, pageSize), roundUp(lastAddress - base, pageSize))
  const table = (headers.length + 2) * headerSize
  const note = makeNote(blob)
  const size = table + note.length
  const segment = { flags: readable, offset, address: base + offset, fileSize: size }
  const load = { ...segment, type: type.load, memorySize: size, align: pageSize }
  const noteAt = { offset: offset + table, address: base + offset + table }
  const noteSize = { fileSize: note.length, memorySize: note.length }
  const noteHeader = { type: type.note, flags: readable, ...noteAt, ...noteSize, align: 4 }
  const phdr = { offset, address: base + offset, fileSize: table, memorySize: table }
  const moved = headers.map((each) => (each.type === type.phdr ? { ...each, ...phdr } : each))
  // Segments that are loaded are in the order of their addresses.
  const last = moved.findLastIndex((each) => each.type === type.load)
  const all = [...moved.slice(0, last + 1), load, ...moved.slice(last + 1), noteHeader]
  const result = Buffer.alloc(offset + size)
  program.copy(result)
  result.writeBigUInt64LE(BigInt(offset), 32)
  result.writeUInt16LE(all.length, 56)
  Buffer.concat([...all.map(writeHeader), note]).copy(result, offset)
  burnFuse(result.subarray(0, program.length))
  return result
}

function readHeaders(program) {
  const isExpected = program.subarray(0, 6).equals(Buffer.from('\x7fELF\x02\x01', 'latin1'))
  if (!isExpected || program.readUInt16LE(16) !== 2 || program.readUInt16LE(54) !== headerSize) {
    throw new Error('add a resource: expected an ELF file for 64 bits with fixed addresses')
  }
  const at = Number(program.readBigUInt64LE(32))
  return Array.from({ length: program.readUInt16LE(56) }, (_, i) => {
    const header = program.subarray(at + i * headerSize, at + (i + 1) * headerSize)
    const number = (position) => Number(header.readBigUInt64LE(position))
    return {
      type: header.readUInt32LE(0),
      flags: header.readUInt32LE(4),
      offset: number(8),
      address: number(16),
      fileSize: number(32),
      memorySize: number(40),
      align: number(48),
    }
  })
}

function writeHeader({ type, flags, offset, address, fileSize, memorySize, align }) {
  const header = Buffer.alloc(headerSize)
  header.writeUInt32LE(type, 0)
  header.writeUInt32LE(flags, 4)
  const numbers = [offset, address, address, fileSize, memorySize, align]
  for (const [i, value] of numbers.entries()) header.writeBigUInt64LE(BigInt(value), 8 + 8 * i)
  return header
}

function makeNote(blob) {
  const head = Buffer.alloc(12)
  head.writeUInt32LE(noteName.length, 0)
  head.writeUInt32LE(blob.length, 4)
  const parts = [head, padded(noteName), padded(blob)]
  return Buffer.concat(parts)
}

const padded = (bytes) => Buffer.concat([bytes], roundUp(bytes.length, 4))

function burnFuse(program) {
  const at = program.indexOf(fuse)
  if (at === -1 || program.includes(fuse, at + 1)) {
    throw new Error('add a resource: expected a Node.js that looks for one')
  }
  program[at + fuse.length - 1] = '1'.charCodeAt(0)
}
