// A FUSE server with one regular file, which is the mount itself: `node fuse-server.js MOUNTPOINT`.
// It prints a line when it serves. The messages are in include/uapi/linux/fuse.h.

import { spawn } from 'node:child_process'
import { openSync, read, writeSync } from 'node:fs'

const [mountPoint] = process.argv.slice(2)
const headerSize = 40
const attributesSize = 88
const operations = { getattr: 3, setattr: 4, open: 14, read: 15, write: 16, release: 18, init: 26 }
/** ENOSYS: the kernel does without the operation. */
const unknownOperation = -38
const maxWrite = 1 << 16

const device = openSync('/dev/fuse', 'r+')
let content = Buffer.alloc(0)

/** `struct fuse_attr_out`, valid for no time: the kernel asks for each `fstat`. */
function attributes(): Buffer {
  const out = Buffer.alloc(16 + attributesSize)
  out.writeBigUInt64LE(1n, 16)
  out.writeBigUInt64LE(BigInt(content.length), 24)
  out.writeUInt32LE(0o100700, 76)
  out.writeUInt32LE(1, 80)
  return out
}

/** `struct fuse_init_out`. */
function initialization(): Buffer {
  const out = Buffer.alloc(64)
  out.writeUInt32LE(7, 0)
  out.writeUInt32LE(31, 4)
  out.writeUInt32LE(maxWrite, 20)
  return out
}

function writeContent(request: Buffer): Buffer {
  const offset = Number(request.readBigUInt64LE(headerSize + 8))
  const size = request.readUInt32LE(headerSize + 16)
  const data = request.subarray(headerSize + 40, headerSize + 40 + size)
  const head = content.subarray(0, offset)
  content = Buffer.concat([head, Buffer.alloc(offset - head.length), data])
  const out = Buffer.alloc(8)
  out.writeUInt32LE(size, 0)
  return out
}

function readContent(request: Buffer): Buffer {
  const offset = Number(request.readBigUInt64LE(headerSize + 8))
  return content.subarray(offset, offset + request.readUInt32LE(headerSize + 16))
}

function answer(request: Buffer): Buffer | undefined {
  switch (request.readUInt32LE(4)) {
    case operations.init:
      return initialization()
    case operations.getattr:
    case operations.setattr:
      return attributes()
    case operations.open:
      return Buffer.alloc(16)
    case operations.read:
      return readContent(request)
    case operations.write:
      return writeContent(request)
    case operations.release:
      return Buffer.alloc(0)
    default:
      return undefined
  }
}

const buffer = Buffer.alloc(2 * maxWrite)

function serve(): void {
  read(device, buffer, 0, buffer.length, null, (error, length) => {
    if (error?.code === 'EPERM') {
      // It is not mounted yet.
      setTimeout(serve, 1)
      return
    }
    // The file was unmounted.
    if (error) process.exit()
    const request = buffer.subarray(0, length)
    const out = answer(request)
    const header = Buffer.alloc(16)
    header.writeUInt32LE(16 + (out?.length ?? 0), 0)
    if (out === undefined) header.writeInt32LE(unknownOperation, 4)
    request.copy(header, 8, 8, 16)
    writeSync(device, out === undefined ? header : Buffer.concat([header, out]))
    serve()
  })
}

serve()
const options = 'fd=3,rootmode=100700,user_id=0,group_id=0'
const mount = spawn('mount', ['-i', '-t', 'fuse', '-o', options, 'test', mountPoint], {
  stdio: ['ignore', 'ignore', 'inherit', device],
})
mount.once('exit', (code) => {
  if (code === 0) process.stdout.write('serving\n')
  else process.exit(1)
})
