import { open } from 'node:fs/promises'

/** Opens a file of recorded events. @throws Error that names it */
export async function openLog(path: string) {
  const handle = await open(path).catch((error: Error) => {
    throw new Error(`read log: ${error.message}`)
  })
  return handle.createReadStream()
}
