/** The parents of a slice: `a-b.slice` is inside `a.slice` (systemd.slice(5)). */
function slicePath(slice: string): string {
  const name = slice.replace(/\.slice$/, '')
  if (name === '' || name === '-') return ''
  const words = name.split('-')
  return words.map((_, i) => `/${words.slice(0, i + 1).join('-')}.slice`).join('')
}

/**
 * The folder of a control group below the root of its hierarchy: a path is unchanged; systemd's
 * notation `SLICE:PREFIX:NAME` is converted to systemd's folder.
 */
export function cgroupFolder(cgroupsPath: string): string {
  const parts = cgroupsPath.split(':')
  if (parts.length !== 3) return cgroupsPath
  const [slice, prefix, name] = parts
  const unit = name.endsWith('.slice') ? name : `${prefix === '' ? '' : `${prefix}-`}${name}.scope`
  return `${slicePath(slice || 'system.slice')}/${unit}`
}

/** Finds the path in a runtime's container status. @throws Error if it is missing */
export function cgroupsPathOf(info: Readonly<Record<string, string>>): string {
  let parsed: { runtimeSpec?: { linux?: { cgroupsPath?: unknown } } }
  try {
    parsed = JSON.parse(info.info ?? '{}')
  } catch (error) {
    throw new Error(`read the runtime's response: ${(error as Error).message}`)
  }
  const path = parsed.runtimeSpec?.linux?.cgroupsPath
  if (typeof path !== 'string' || path === '') {
    throw new Error("read the runtime's response: it lacks the container's control group")
  }
  return path
}
