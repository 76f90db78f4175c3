/** A size for people: `36 KiB`, `2.5 MiB`. @param bytes rounded up to KiB */
export function memoryText(bytes: number): string {
  const kib = Math.ceil(bytes / 1024)
  return kib < 1024 ? `${kib} KiB` : `${(kib / 1024).toFixed(1)} MiB`
}
