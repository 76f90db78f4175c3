import { constants } from 'node:os'
import { fcntl, lastErrno, sendBytes, writeBytes } from './ffi.ts'

const { EAGAIN, EINTR } = constants.errno
/** MSG_DONTWAIT and MSG_NOSIGNAL. */
export const dontWait = 0x40
export const noSignal = 0x4000
const F_SETPIPE_SZ = 1031

/** Bytes that were written, or the errno of the error. */
export type WriteResult = { readonly written: number; readonly errno: number }

/**
 * Writes as much as fits without waiting. Nothing written without an error means that there is no
 * room now.
 * @param fd with O_NONBLOCK, unless it is a socket: sockets are written without waiting in any case
 */
export function tryWrite(fd: number, bytes: Uint8Array, isSocket: boolean): WriteResult {
  for (;;) {
    const { length } = bytes
    const written = isSocket
      ? sendBytes(fd, bytes, length, dontWait | noSignal)
      : writeBytes(fd, bytes, length)
    if (written >= 0) return { written, errno: 0 }
    const errno = lastErrno()
    if (errno === EAGAIN) return { written: 0, errno: 0 }
    if (errno !== EINTR) return { written: 0, errno }
  }
}

/**
 * Asks the kernel for a larger pipe.
 * @param size bytes; without privileges the kernel grants up to fs.pipe-max-size
 * @returns false if it stays as it is, or is not a pipe
 */
export function growPipe(fd: number, size: number): boolean {
  return fcntl(fd, F_SETPIPE_SZ, size) >= 0
}
