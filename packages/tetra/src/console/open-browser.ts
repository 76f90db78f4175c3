import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leadTo } from './lead-to.ts'

/**
 * Opens an address with the program of the desktop. Its arguments are visible to all users of the
 * machine, so they name a file that only this user can read, not the address with its token.
 * @param onFailure is called if the program cannot be started
 * @returns removes the file
 */
export function openBrowser(address: string, onFailure: (reason: string) => void): () => void {
  let folder: string
  try {
    folder = mkdtempSync(join(process.env.XDG_RUNTIME_DIR || tmpdir(), 'tetra-console-'))
  } catch (error) {
    onFailure(`open a browser: ${(error as Error).message}`)
    return () => {}
  }
  const path = join(folder, 'console.html')
  writeFileSync(path, leadTo(address), { mode: 0o600 })
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(program, [path], { stdio: 'ignore', detached: true })
  child.on('error', ({ message }) => onFailure(`open a browser: ${message}`))
  child.unref()
  return () => rmSync(folder, { recursive: true, force: true })
}
