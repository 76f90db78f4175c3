import * as fs from 'node:fs'
import { lstat } from 'node:fs/promises'
import { promisify } from 'node:util'

// Operations on open files in the thread pool of Node.js. Promises settle in the event loop, so a
// file system that does not respond blocks one thread of the pool and nothing else.

export const open = promisify(fs.open)
export const close = promisify(fs.close)
export const fstat = promisify(fs.fstat) as (fd: number) => Promise<fs.Stats>
export const ftruncate = promisify(fs.ftruncate)
export const fchmod = promisify(fs.fchmod)
export const fchown = promisify(fs.fchown)
export const read = promisify(fs.read) as (
  fd: number,
  bytes: Buffer,
  offset: number,
  length: number,
  position: number | null,
) => Promise<{ readonly bytesRead: number }>
export const write = promisify(fs.write) as (
  fd: number,
  bytes: Buffer,
  offset: number,
  length: number,
) => Promise<{ readonly bytesWritten: number }>
export const writev = promisify(fs.writev) as (
  fd: number,
  parts: readonly Buffer[],
) => Promise<{ readonly bytesWritten: number }>

/**
 * Starts the threads of the pool if none has been used yet: they inherit the priority of the thread
 * that uses the pool first.
 */
export async function startPool(): Promise<void> {
  await lstat('/')
}
