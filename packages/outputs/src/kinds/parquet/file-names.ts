import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BadValue } from '@tetragon-ts/service/options'

const hourMs = 3_600_000
const nodeMax = 128

/** The folder of a URL. @throws BadValue */
export function folderOf({ pathname }: URL): string {
  try {
    const folder = decodeURIComponent(pathname)
    if (/^\/./.test(folder)) return folder
  } catch {
    // A percent sign that encodes nothing.
  }
  throw new BadValue('the URL has no folder (example: parquet:///var/lib/events)')
}

/** The hour of a time, in milliseconds since 1970. */
export function hourOf(time: number): number {
  return Math.floor(time / hourMs) * hourMs
}

/** When an hour ends. */
export function endOfHour(time: number): number {
  return hourOf(time) + hourMs
}

/** The name of a new file: hour, node, process, and a number that no other file has. */
export function newName(arrived: number, nodeName: string): string {
  const hour = new Date(arrived).toISOString().slice(0, 13)
  const number = randomBytes(5).toString('hex')
  return `${hour}Z.${safe(nodeName)}.${self}.${number}.parquet`
}

/** Names of nodes are those of DNS, and up to 253 characters long; those of files up to 255. */
function safe(nodeName: string): string {
  return nodeName.replace(/[^\w-]/g, '_').slice(0, nodeMax) || '_'
}

/** A process: its number, and when it was started, since numbers are used again. */
const self = `${process.pid}-${startOf(process.pid)}`

/** @returns empty without such a process */
function startOf(pid: number): string {
  try {
    // proc(5): the command in parentheses may contain anything; the start is the 22nd field.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3] ?? ''
  } catch {
    return ''
  }
}

/** Whether a file is of this node, and another process that still runs does not write it. */
export function isLeftOver(name: string, nodeName: string): boolean {
  const [, node, owner] = name.split('.')
  if (node !== safe(nodeName) || owner === undefined) return false
  const [pid, start] = owner.split('-')
  return owner === self || start === '' || startOf(Number(pid)) !== start
}
