/** Milliseconds until a file that the browser takes over is released. */
const releaseMs = 60_000

/** Lets the browser save a file. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), releaseMs)
}

/** With the time, without what file systems refuse in names. @param suffix without the dot */
export function fileName(start: string, suffix: string): string {
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  return `${start}-${time}.${suffix}`
}
